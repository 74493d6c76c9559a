package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// answers is what ec.oci.* and ec.sigstore.* gave somebody else, by the call as Rego writes it: no value or one.
type answers struct {
	known map[string][]ast.Value
	open  map[string]bool
}

// given reads the answers of a file; none without a file.
func given(file string) (*answers, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lists := map[string][]json.RawMessage{}
	if err := json.Unmarshal(text, &lists); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	known := map[string][]ast.Value{}
	for call, list := range lists {
		values := make([]ast.Value, 0, len(list))
		for _, raw := range list {
			value, err := ast.ValueFromReader(strings.NewReader(string(raw)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", call, err)
			}
			values = append(values, value)
		}
		known[call] = values
	}
	return &answers{known, map[string]bool{}}, nil
}

// function answers one builtin. A call that has no answer yet is undefined, and open.
func (a *answers) function(builtin *ast.Builtin) topdown.BuiltinFunc {
	return func(_ topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
		texts := make([]string, 0, len(operands))
		// Behind the operands may stand where the answer goes.
		for _, operand := range operands[:builtin.Decl.Arity()] {
			texts = append(texts, operand.String())
		}
		call := builtin.Name + "(" + strings.Join(texts, ", ") + ")"
		values, ok := a.known[call]
		if !ok {
			a.open[call] = true
		}
		for _, value := range values {
			if err := iter(ast.NewTerm(value)); err != nil {
				return err
			}
		}
		return nil
	}
}

// unanswered lists the calls that are open.
func (a *answers) unanswered() []string {
	calls := []string{}
	if a != nil {
		for call := range a.open {
			calls = append(calls, call)
		}
	}
	sort.Strings(calls)
	return calls
}
