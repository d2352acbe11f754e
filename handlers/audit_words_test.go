package handlers

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	actionForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)
	penForm    = regexp.MustCompile(`^(did|audit|change|clientChanged)`) // how what writes a line is called
)

// Every action that the program writes into the trail has its words there.
func TestEveryActionHasWords(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	for _, room := range []string{".", "../jobs", "../queries", "../cmd/atrium"} {
		for _, file := range sources(t, room) {
			parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for node := range ast.Preorder(parsed) {
				for _, action := range actionsIn(node) {
					found[action] = file
				}
			}
		}
	}
	for action, file := range found {
		if auditWords[action].Lead == "" {
			t.Errorf("%s writes %s, which has no words in auditWords", file, action)
		}
	}
	if len(found) < 15 {
		t.Errorf("only %d actions are found: %v", len(found), found)
	}
	for action, word := range auditWords {
		if !actionForm.MatchString(action) || !strings.HasSuffix(word.Lead, " ") || !slices.Contains(auditGroups, word.Group) || word.Tail != "" && !strings.HasPrefix(word.Tail, " ") {
			t.Errorf("%s: %+v", action, word)
		}
	}
}

func sources(t *testing.T, room string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(room)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files = append(files, filepath.Join(room, name))
		}
	}
	return files
}

// actionsIn are the actions named by a call of one of the pens, in a line that is written out, or for a variable of that name.
func actionsIn(node ast.Node) []string {
	switch node := node.(type) {
	case *ast.CallExpr:
		if pen, ok := node.Fun.(*ast.SelectorExpr); ok && penForm.MatchString(pen.Sel.Name) {
			return actionsOfAll(node.Args)
		}
	case *ast.KeyValueExpr:
		if key, ok := node.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "action") {
			return actionsOfAll([]ast.Expr{node.Value})
		}
	case *ast.AssignStmt:
		if to, ok := node.Lhs[0].(*ast.Ident); ok && to.Name == "action" {
			return actionsOfAll(node.Rhs)
		}
	}
	return nil
}

func actionsOfAll(values []ast.Expr) (actions []string) {
	for _, value := range values {
		if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == gotoken.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && actionForm.MatchString(text) {
				actions = append(actions, text)
			}
		}
	}
	return actions
}
