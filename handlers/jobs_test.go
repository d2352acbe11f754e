package handlers

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"strconv"
	"strings"
	"testing"
)

// Every kind of job that is an account's, and so can stand among its failed ones, says there what it is for.
func TestEveryJobOfAnAccountHasWords(t *testing.T) {
	t.Parallel()
	ofAccount, kinds := map[string]bool{}, map[string]string{} // by the type of their arguments
	for _, file := range sources(t, "../jobs") {
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for node := range ast.Preorder(parsed) {
			switch node := node.(type) {
			case *ast.TypeSpec:
				ofAccount[node.Name.Name] = hasAccountID(node)
			case *ast.FuncDecl:
				if node.Recv != nil && node.Name.Name == "Kind" {
					kinds[node.Recv.List[0].Type.(*ast.Ident).Name] = node.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit).Value
				}
			}
		}
	}
	found := 0
	for args, literal := range kinds {
		kind, err := strconv.Unquote(literal)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case !ofAccount[args] && jobKindWords[kind] != "":
			t.Errorf("%s has words, and no account is shown it", kind)
		case ofAccount[args] && jobKindWords[kind] == "":
			t.Errorf("%s is shown to staff and has no words", kind)
		case ofAccount[args]:
			found++
		}
	}
	if found < 16 {
		t.Errorf("only %d kinds are found: %v", found, kinds)
	}
}

// hasAccountID says whether a type is of an account, as the list of failed jobs asks for it.
func hasAccountID(node *ast.TypeSpec) bool {
	fields, isStruct := node.Type.(*ast.StructType)
	if !isStruct {
		return false
	}
	for _, field := range fields.Fields.List {
		if field.Tag != nil && strings.Contains(field.Tag.Value, `json:"account_id"`) {
			return true
		}
	}
	return false
}
