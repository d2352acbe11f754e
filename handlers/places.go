package handlers

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errFull says that more people are here than can be served, and that nothing was begun.
var errFull = errors.New("every place is taken, and so is the line")

// places are how many requests are worked on at once. Whoever comes beyond them waits for a moment in a short line, where those who are
// signed in go first. Whoever finds it full, or has waited long enough, is told so, which costs next to nothing:
// with ten times as many people as the machine can serve, it serves as many as it can, and nobody waits for a page that does not come.
//
// A nil *places has room for everybody.
type places struct {
	most int
	line int           // who can wait, at most
	wait time.Duration // in the line, at most

	mutex             sync.Mutex
	taken             int
	regulars, passers []chan bool // who waits, the longest first; each is told once whether it has a place
}

// How long a person would rather wait than be told to come again: for a page, and for what asks Stripe, which takes its time anyway.
const (
	waitForWork   = time.Second
	waitForStripe = 3 * time.Second
)

// take is a place, to be given back by leave, or errFull.
func (p *places) take(ctx context.Context, regular bool) (leave func(), err error) {
	if p == nil {
		return func() {}, nil
	}
	turn := p.come(regular)
	if turn == nil {
		return sync.OnceFunc(p.leave), nil
	}
	moment := time.NewTimer(p.wait)
	defer moment.Stop()
	var has bool
	select {
	case has = <-turn:
	case <-moment.C:
		has = p.giveUp(turn)
	case <-ctx.Done():
		has = p.giveUp(turn)
	}
	if !has {
		return nil, errFull
	}
	return sync.OnceFunc(p.leave), nil
}

// come takes a free place, which is no turn to wait for, or one in the line; somebody who is signed in has the last one there of those
// who are not.
func (p *places) come(regular bool) (turn chan bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.taken < p.most {
		p.taken++
		return nil
	}
	turn = make(chan bool, 1)
	if len(p.regulars)+len(p.passers) >= p.line {
		last := len(p.passers) - 1
		if !regular || last < 0 {
			turn <- false
			return turn
		}
		p.passers[last] <- false
		p.passers = p.passers[:last]
	}
	if regular {
		p.regulars = append(p.regulars, turn)
	} else {
		p.passers = append(p.passers, turn)
	}
	return turn
}

// giveUp leaves the line. Whoever was given a place in that very moment has it.
func (p *places) giveUp(turn chan bool) (has bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	same := func(other chan bool) bool { return other == turn }
	p.regulars, p.passers = slices.DeleteFunc(p.regulars, same), slices.DeleteFunc(p.passers, same)
	select {
	case has = <-turn:
		return has
	default:
		return false
	}
}

// leave gives a place to whoever is next.
func (p *places) leave() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, line := range []*[]chan bool{&p.regulars, &p.passers} {
		if len(*line) > 0 {
			(*line)[0] <- true
			*line = (*line)[1:]
			return
		}
	}
	p.taken--
}

// regulars are the sessions that were found to be real lately, so that nobody goes first by a cookie they made up. A session that has
// ended since goes first for a while longer, and then is told that it has.
type regulars struct {
	mutex       sync.Mutex
	now, before map[string]struct{} // by the cookie's value
}

// regularsMost is how many are remembered at least, once so many came; at most twice as many are.
const regularsMost = 20_000

func (r *regulars) add(session string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if _, known := r.now[session]; known {
		return
	}
	if r.now == nil || len(r.now) >= regularsMost {
		r.before, r.now = r.now, make(map[string]struct{})
	}
	r.now[session] = struct{}{}
}

func (r *regulars) has(session string) bool {
	if session == "" {
		return false
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, now := r.now[session]
	_, before := r.before[session]
	return now || before
}
