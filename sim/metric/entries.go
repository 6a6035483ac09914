package metric

// What metrics are measured on.
const (
	onSet    = "the set that `evaluate` names: test, valid or train"
	onGroups = "the same, by the groups that `evaluate` names (by)"
	onTrial  = "the whole trial"
	onRound  = "each round's reports"
	onTasks  = "the test sets of all tasks, after each of them"
)

// Why metrics cannot be asked for.
const (
	selfMade   = "it is in every report by itself"
	needsTasks = "it is worked out from a score by task after every stage, and is in every report of an evaluation with each: task at the ends of stages"
	needsTold  = "it is worked out where an evaluation with each: task at the ends of stages measures route.oracle beside accuracy, or route.oracle.class beside class-accuracy"
	fromGroups = "it is worked out from any score that is asked for by groups, and stands in the report"
)

// ofTokens judges each token of the given answer by the model's own distribution.
var ofTokens = []Metric{
	{Loss, "Σ −ln p(label) / labels", "nats per token", Lower, onSet, "labels", true, "",
		"Cross-entropy of the answer's tokens and the end token, natural logarithm, the mean over tokens and not over examples."},
	{Perplexity, "exp(loss)", "1", Lower, onSet, "labels", true, "",
		"The loss as a number of equally likely tokens; means are taken of the loss, before the exponential."},
	{Accuracy, "labels that are the first choice / labels", "1", Higher, onSet, "labels", true, "",
		"Share of the answer's tokens that the model would have written next, given all tokens before (teacher forcing); of equal logits the lowest id is the first choice."},
	{ExactMatch, "examples with every label the first choice / examples", "1", Higher, onSet, "examples", true, "",
		"Share of answers that greedy decoding would write token by token, end token included."},
}

// ofClasses judges answers that are one of a few: the class that the model finds likeliest
// among those seen so far, by the mean log-probability of the tokens of its name or by a
// head; of equals the first.
var ofClasses = []Metric{
	{ClassRight, "examples whose likeliest class of those seen so far is theirs / examples", "1", Higher, onSet, "examples", true, "",
		"Share of right classes, class-incremental: the answer is looked for among the classes of all tasks that have been shown, whose names are scored by their mean log-probability a token, end token included."},
	{ClassOwn, "examples whose likeliest class of their task is theirs / examples", "1", Higher, onSet, "examples", true, "",
		"The same, task-aware: the answer is looked for among the classes of the example's own task, which the model is told thereby."},
	{MacroF1, "mean over the classes that occur of 2·right_c / (said_c + true_c)", "1", Higher, onSet, "examples", true, "",
		"F1 with every class alike, however rare; over the classes that are true or said of an example. No mean over examples: of parts of a test set answers are counted first."},
	{MCC, "(right·n − Σ true_c·said_c) / √((n² − Σ said_c²)(n² − Σ true_c²))", "1", Higher, onSet, "examples", true, "",
		"Matthews' correlation of answers and truth, −1 … 1; 0 where all is of one class."},
	{AUROC, "pairs of a positive and a negative in the right order / pairs, ties half; mean over the classes that occur", "1", Higher, onSet, "examples", true, "",
		"How well a score separates a class from the rest, whatever the threshold: its share of the exponentials of the classes' scores; NaN where there is one class only."},
	{AvgPrecision, "Σ (R_n − R_{n−1}) P_n over scores, largest first; mean over the classes that occur", "1", Higher, onSet, "examples", true, "",
		"Area under precision and recall, each class against the rest; unlike AUROC it falls with the share of positives."},
	{MAE, "Σ |said − true| / examples", "that of the rating", Lower, onSet, "examples", true, "",
		"Mean absolute error of ratings: of classes whose names are numbers, of which the likeliest is what the model says."},
	{RMSE, "√(Σ (said − true)² / examples)", "that of the rating", Lower, onSet, "examples", true, "",
		"Root mean squared error of ratings, which weighs large errors more."},
}

// ofTexts compares what a model wrote with what it should have written.
var ofTexts = []Metric{
	{Rouge1, "F1 of the words in common, mean over examples", "1", Higher, onSet, "examples", true, "",
		"Words shared, stemmed, each as often as both texts have it; lower-case ASCII letters and digits only."},
	{Rouge2, "F1 of the pairs of words in common, mean over examples", "1", Higher, onSet, "examples", true, "",
		"Pairs of neighbouring words shared, stemmed."},
	{RougeL, "F1 of the longest common subsequence of words, mean over examples", "1", Higher, onSet, "examples", true, "",
		"Words shared in the same order, with gaps, stemmed."},
	{AnswerMatch, "examples whose written answer is the given one / examples", "1", Higher, onSet, "examples", true, "",
		"Share of answers written word for word, white space at either end aside; written greedily until the end token, at most 64 tokens, like those that ROUGE judges."},
	{BLEU, "min(1, exp(1 − wanted/said)) · exp(mean over n ≤ 4 of ln precision_n) over the whole set", "0 … 100", Higher, onSet, "examples", true, "",
		"N-grams of up to four words shared, over all examples together; cut and smoothed as sacrebleu does by default. No mean over examples: of parts of a test set n-grams are counted first."},
	{ChrF, "5PR / (4P + R), P and R the mean precision and recall of character n-grams up to 6 over the whole set", "0 … 100", Higher, onSet, "examples", true, "",
		"Character n-grams shared, white space aside, recall twice as important; suits languages whose words change their endings. Joined as BLEU is."},
}

// ofGroups says how a score is spread over groups and participants.
var ofGroups = []Metric{
	{"worst-group", "least accuracy over groups", "1", Higher, onGroups, "", false, fromGroups,
		"What the group that is served worst gets."},
	{WorstCell, "least share of right classes over (class, group)", "1", Higher, onGroups, "examples", true, "",
		"What the class within a group that is served worst gets: what papers on distributional robustness call the worst group."},
	{EODWorst, "max(gap of TPR, gap of FPR), gap: largest minus smallest over groups; mean over the classes that occur", "1", Lower, onGroups, "examples", true, "",
		"Equalised odds difference as fairlearn has it, each class against the rest: of two classes both give the same. A group without examples of a class is left out of its gaps."},
	{EODMean, "(gap of TPR + gap of FPR) / 2; mean over the classes that occur", "1", Lower, onGroups, "examples", true, "",
		"Equalised odds difference as FairNet has it; half as large as the other where one gap is 0."},
	{Parity, "gap of the share of answers that are the class; mean over the classes that occur", "1", Lower, onGroups, "examples", true, "",
		"How unlike the groups are answered, whatever is true of them: demographic parity difference."},
	{Jain, "(Σx)² / (n Σx²) over groups", "1", Higher, onGroups, "", false, fromGroups,
		"Jain's index: 1 where all groups get the same, 1/n where one gets all."},
	{Gini, "Σ|x_i − x_j| / (2n Σx) over groups", "1", Lower, onGroups, "", false, fromGroups,
		"Gini's coefficient: 0 where all groups get the same."},
	{WorstTenth, "mean over the ⌈n/10⌉ groups that are served worst", "that of the score", Neither, onGroups, "", false, fromGroups,
		"What the worst tenth of clients, or of groups, gets; better in the direction of the score."},
}

// ofTasks says what learning one task after another came to; R[i][j] is the score on task
// j after task i, of T.
var ofTasks = []Metric{
	{"continual.accuracy", "mean_j R[T−1][j]", "that of the score", Higher, onTasks, "", false, needsTasks,
		"ACC: the mean over all tasks after the last."},
	{"bwt", "mean_{j<T−1} (R[T−1][j] − R[j][j])", "that of the score", Higher, onTasks, "", false, needsTasks,
		"Backward transfer: what later tasks did to earlier ones; below 0 is forgetting."},
	{"forgetting", "mean_{j<T−1} (max_{i<T−1} R[i][j] − R[T−1][j])", "that of the score", Lower, onTasks, "", false, needsTasks,
		"How far tasks fell from their best before the last one (Chaudhry 2018)."},
	{"forgetting.expert", "forgetting of the same score with the expert told (route.oracle)", "that of the score", Lower, onTasks, "", false, needsTold,
		"What experts forget: 0 by construction where they are frozen."},
	{"forgetting.routing", "forgetting − forgetting.expert", "that of the score", Lower, onTasks, "", false, needsTold,
		"What the router forgets: new experts compete for old tokens."},
	{"fwt", "mean_{j≥1} (R[j−1][j] − untrained_j)", "that of the score", Higher, onTasks, "", false, needsTasks,
		"Forward transfer: what earlier tasks did for a task not yet learned."},
}

// ofUpdates describes what clients learned and what the server made of it.
var ofUpdates = []Metric{
	{AggError, "‖(deployed − previous) − Σ p_k (Δ_k − Δ_k,start)‖_F over all modules, p_k = n_k / Σ n", "1 (Frobenius norm)", Lower, onRound, "", false, selfMade,
		"Distance between what the server deployed and the example-weighted mean of what its clients learned in this round."},
	{AggRelative, "aggregation.error / ‖Σ p_k (Δ_k − Δ_k,start)‖_F", "1", Lower, onRound, "", false, selfMade,
		"The aggregation error as a share of the update that was to be deployed; 0 is exact, 1 loses as much as doing nothing."},
	{ClientDrift, "√(Σ p_k ‖U_k − Ū‖² / Σ p_k ‖U_k‖²), U_k = Δ_k − Δ_k,start, Ū = Σ p_k U_k", "1", Neither, onRound, "", false, selfMade,
		"How far clients went apart in the round: 0 where all learned the same, near 1 where their updates cancel out."},
	{ClientOverlap, "‖U_aᵀU_b‖_F² / k of the k = 4 leading left singular vectors of two updates, mean over pairs and modules", "1", Neither, onRound, "", false, selfMade,
		"How far clients learned in the same subspace, of pairs among the first eight of a round; k is less where an update has fewer directions, and chance is k over the module's rows."},
	{RoundEffective, "exp(−Σ q ln q), q = σ/Σσ, of what the round changed, mean over modules", "1", Neither, onRound, "", false, selfMade,
		"How many directions carry the change from one deployed model to the next; full matrices wider than 512 are left out."},
	{RoundStable, "‖Δ‖_F² / σ₁² of what the round changed, mean over modules", "1", Neither, onRound, "", false, selfMade,
		"The same with strong directions counting more."},
}

// ofDeployed describes the update that users are answered with in the end.
var ofDeployed = []Metric{
	{"update.rank.effective", "exp(−Σ q ln q), q = σ/Σσ, mean over modules", "1", Neither, onTrial, "", false, selfMade,
		"How many directions carry the update, as if they were equal (Roy and Vetterli 2007)."},
	{"update.rank.stable", "‖Δ‖_F² / σ₁², mean over modules", "1", Neither, onTrial, "", false, selfMade,
		"The same with strong directions counting more; 1 where one direction has it all."},
}

// ofRuns is what a trial cost.
var ofRuns = []Metric{
	{BytesUp, "Σ bytes of tensors sent by participants", "bytes", Cost, onTrial, "", false, selfMade,
		"Upload of all participants, tensors without framing."},
	{BytesDown, "Σ bytes of tensors received by participants", "bytes", Cost, onTrial, "", false, selfMade,
		"Download of all participants; what one already holds is not sent again."},
	{Time, "virtual seconds from the first round to the last", "s", Cost, onTrial, "", false, selfMade,
		"Simulated time under the scenario's devices and links; it has nothing to do with how long the simulation took."},
	{Flops, "Σ floating-point operations by the cost model", "FLOP", Cost, onTrial, "", false, selfMade,
		"Work of participants and server as the cost model counts it."},
	{Energy, "Σ over participants of power × virtual seconds, computing, sending and receiving", "J", Cost, onTrial, "", false, selfMade,
		"Energy that participants take, where the scenario's devices say what power they draw; work that nobody waited for counts."},
	{TimeToTarget, "virtual seconds until a score first reaches a target, linear between evaluations", "s", Cost, onTrial, "", false, selfMade,
		"How soon an arm gets as far as every arm gets; the report says which target."},
	{ByteToTarget, "bytes up and down until a score first reaches a target, linear between evaluations", "bytes", Cost, onTrial, "", false, selfMade,
		"The same in traffic."},
}
