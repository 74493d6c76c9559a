// Programs answers as OPA 1.22.0 does, for many programs in one process. A development tool; nothing of it is part of the
// product.
//
// Each line of the standard input is {"seed", "modules", "inputs"}; each line of the output {"seed", "answers"}: for each
// input {"value"} of `data` or {"error"}; a program that is refused has "refusal" instead, with its reasons.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

type program struct {
	Seed    uint64            `json:"seed"`
	Modules []string          `json:"modules"`
	Inputs  []json.RawMessage `json:"inputs"`
}

type answer struct {
	Value *any   `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

type answers struct {
	Seed    uint64   `json:"seed"`
	Refusal []string `json:"refusal,omitempty"`
	Answers []answer `json:"answers,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "programs:", err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var asked program
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if err := encoder.Encode(of(&asked)); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return lines.Err()
}

// of gives OPA's answers to a program.
func of(asked *program) answers {
	given := answers{Seed: asked.Seed}
	texts := map[string]string{}
	for index, text := range asked.Modules {
		texts[fmt.Sprintf("test-%d.rego", index)] = text
	}
	compiler, err := ast.CompileModules(texts)
	if err != nil {
		given.Refusal = strings.Split(err.Error(), "\n")
		return given
	}
	ctx := context.Background()
	query, err := rego.New(rego.Query("data"), rego.Compiler(compiler)).PrepareForEval(ctx)
	if err != nil {
		given.Refusal = []string{err.Error()}
		return given
	}
	for _, raw := range asked.Inputs {
		given.Answers = append(given.Answers, evaluate(ctx, query, raw))
	}
	return given
}

// evaluate gives OPA's answer for one input. Where OPA panics, that is an error inside of it, and no answer.
func evaluate(ctx context.Context, query rego.PreparedEvalQuery, raw json.RawMessage) (given answer) {
	defer func() {
		if panicked := recover(); panicked != nil {
			given = answer{Error: fmt.Sprintf("%s: panic: %v", topdown.InternalErr, panicked)}
		}
	}()
	input, err := ast.ValueFromReader(strings.NewReader(string(raw)))
	if err != nil {
		return answer{Error: err.Error()}
	}
	result, err := query.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		var failure *topdown.Error
		if errors.As(err, &failure) {
			return answer{Error: failure.Code + ": " + err.Error()}
		}
		return answer{Error: err.Error()}
	}
	if len(result) != 1 {
		return answer{Error: fmt.Sprintf("%d results instead of one", len(result))}
	}
	value := result[0].Expressions[0].Value
	return answer{Value: &value}
}
