package handlers

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// asksStripe holds every route whose handler calls Stripe, by itself or by what it calls, and no other.
func TestRoutesThatAskStripe(t *testing.T) {
	t.Parallel()
	calls, asks := callsOfMethods(t)
	var found func(name string, seen map[string]bool) bool
	found = func(name string, seen map[string]bool) bool {
		if asks[name] {
			return true
		}
		if seen[name] {
			return false
		}
		seen[name] = true
		return slices.ContainsFunc(slices.Collect(maps.Keys(calls[name])), func(called string) bool { return found(called, seen) })
	}
	want := map[string]bool{}
	for _, r := range slices.Concat(portalRoutes, adminRoutes) {
		full := runtime.FuncForPC(reflect.ValueOf(r.handle).Pointer()).Name() // atrium/handlers.(*Site).homeShow
		if found(full[strings.LastIndexByte(full, '.')+1:], map[string]bool{}) {
			want[r.method+" "+r.path] = true
		}
	}
	if !maps.Equal(want, asksStripe) {
		t.Errorf("the routes that ask Stripe are\n%q\nnot\n%q", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(asksStripe)))
	}
}

// callsOfMethods reads which functions and methods of the room each calls, by their names, and which of them ask Stripe.
func callsOfMethods(t *testing.T) (calls map[string]map[string]bool, asks map[string]bool) {
	t.Helper()
	calls, asks = map[string]map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok || strings.HasSuffix(file, "_test.go") {
				continue
			}
			name := function.Name.Name
			calls[name] = map[string]bool{}
			ast.Inspect(function, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					calls[name][n.Name] = true
				case *ast.SelectorExpr:
					if of, ok := n.X.(*ast.SelectorExpr); ok && of.Sel.Name == "Stripe" && n.Sel.Name != "Open" && n.Sel.Name != "Pages" {
						asks[name] = true
					}
				}
				return true
			})
		}
	}
	return calls, asks
}
