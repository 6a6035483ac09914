//go:build amd64 && !purego

package kernel

import "unsafe"

// fastAddRows goes group by group of columns with all rows in each, so that the group's
// panels stay in the first cache. A row is a tile of its own, as rows lie anywhere.
func (p *Panels) fastAddRows(c Matrix, rows []int32, a Matrix) bool {
	if fast == nil {
		return false
	}
	f := fast
	to, left := sight(c), sight(a)
	t := tile{k: p.K, bStep: panelBytes, bPanel: uintptr(p.K) * panelBytes, aTile: left.stride, aLine: 64 - 16*left.stride}
	if !f.wide {
		t.bPanel = panelBytes / 2
	}
	for done := 0; done < c.Cols; {
		vecs := f.group(f.rows, 1, c.Cols-done)
		t.b = unsafe.Pointer(&p.data[done/width*p.K*width+done%width])
		t.mask = f.mask(vecs, c.Cols-done)
		kernel := f.rows[vecs][0]
		for i, row := range rows {
			t.a, t.c = left.at(i, 0, 4), to.at(int(row), done, 4)
			t.from = t.c
			t.count, t.aOff, t.cOff, t.fromOff = 1, 0, 0, 0
			kernel((*byte)(hide(unsafe.Pointer(&t))))
		}
		done += vecs * f.lanes
	}
	return true
}
