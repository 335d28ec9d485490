package a2a

import "sync"

// An aborter ends the calls that were given it: streams are left, other calls are given up. k6 has no AbortController.
type aborter struct {
	mutex   sync.Mutex
	aborted bool
	leave   map[*call]func()
}

func (*instance) aborter() *aborter { return &aborter{leave: map[*call]func(){}} }

// Abort ends what is under way and whatever is begun with this aborter afterwards.
func (a *aborter) Abort() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.aborted = true
	for _, leave := range a.leave {
		leave()
	}
	clear(a.leave)
}

func (a *aborter) add(c *call, leave func()) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.aborted {
		leave()
		return
	}
	a.leave[c] = leave
}

func (a *aborter) remove(c *call) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	delete(a.leave, c)
}
