package kernel

// KL is τ²·KL(teacher ‖ student) in nats between the softmaxes of two rows of logits, each
// divided by τ first (Hinton, Vinyals and Dean 2015), and replaces the student's row by
// weight times its gradient: weight·τ·(softmax(student/τ) − softmax(teacher/τ)). The
// teacher's row is left as it is.
func KL(student, teacher []float32, tau float64, weight float32) (loss float64) {
	teacher = teacher[:len(student)]
	by := float32(1 / tau)
	topS, topT := student[ArgMax(student)], teacher[ArgMax(teacher)]
	var sumS, sumT, cross float64
	for i, s := range student {
		es, et := Exp(float32((s-topS)*by)), Exp(float32((teacher[i]-topT)*by))
		sumS += float64(es)
		sumT += float64(et)
		// log p − log q, but for the two sums
		cross += float64(float64(et) * ((float64(teacher[i]-topT) - float64(s-topS)) / tau))
	}
	loss = float64(tau * tau * (cross/sumT - Log(sumT) + Log(sumS)))
	slope := float64(float64(weight) * tau)
	fromS, fromT := float32(slope/sumS), float32(slope/sumT)
	for i, s := range student {
		es, et := Exp(float32((s-topS)*by)), Exp(float32((teacher[i]-topT)*by))
		student[i] = float32(es*fromS) - float32(et*fromT)
	}
	return loss
}
