package simtest

// Source is the tiny scenario: four clients of unequal ranks on two classes of devices, a
// base of one block and width 16, two rounds of FLoRA, evaluations by topic at both ends.
const Source = `
version: 1
name: tiny
question: Does it run?
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, context: 16, pretrain: {data: phrases, tokens: 600, batch: 8, lr: 1e-2}}
data:
  phrases:
    generate: phrases
    with: {topics: 4, train: 48, test: 40, generic: 60, clauses: 1}
    by: topic
    valid: 0.2
devices:
  phone: {flops: 1 GFLOPS, memory: 100 MB, up: 1 MB/s, down: 2 MB/s, latency: 100 ms, jitter: 10 ms}
  laptop: {flops: 10 GFLOPS, memory: 1 GB, up: 10 MB/s, down: 20 MB/s, latency: 10 ms, jitter: 1 ms}
population:
  client:
    count: 4
    split: {dirichlet: 1}
    rank: {4: 1, 2: 1, 1: 2}
    device: {phone: 3, laptop: 1}
method:
  - {use: flora, with: {epochs: 1, batch: 4, lr: 1e-2}, rounds: 2}
evaluate:
  - {at: start, on: test, metrics: [loss, accuracy]}
  - {at: end, on: test, metrics: [loss, accuracy], by: [topic]}
`
