// Asks OPA's own library: answers calls of builtins (`record`), or says how long they take (`bench`).
//
// `record` reads one call a line, `{"name", "args"}`, and writes it with `"value"`, or `"code"` and `"message"`, or neither
// where it is undefined. Sets are `{"$set": [..]}`, objects with keys that are no strings `{"$object": [[key, value], ..]}`,
// integers that JSON readers round `{"$int": ".."}`. `bench` reads the same and writes `"ns"`, the time of one call of many.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

type call struct {
	Name string            `json:"name"`
	Args []json.RawMessage `json:"args"`
}

func main() {
	mode := strings.Join(os.Args[1:], " ")
	if mode != "record" && mode != "bench" {
		fmt.Fprintln(os.Stderr, "usage: builtins record|bench <CALLS >ANSWERS")
		os.Exit(2)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			fmt.Fprintln(out, answer(mode, line))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func answer(mode string, line []byte) string {
	var asked call
	if err := json.Unmarshal(line, &asked); err != nil {
		return fmt.Sprintf(`{"trouble": %q}`, err.Error())
	}
	operands := make([]*ast.Term, len(asked.Args))
	for i, raw := range asked.Args {
		term, err := decode(raw)
		if err != nil {
			return fmt.Sprintf(`{"trouble": %q}`, err.Error())
		}
		operands[i] = term
	}
	args, _ := json.Marshal(asked.Args)
	head := fmt.Sprintf(`{"name":%q,"args":%s`, asked.Name, args)
	if mode == "bench" {
		nanoseconds, err := timed(asked.Name, operands)
		if err != nil {
			return fmt.Sprintf(`%s,"trouble":%q}`, head, err.Error())
		}
		return fmt.Sprintf(`%s,"ns":%f}`, head, nanoseconds)
	}
	return head + evaluated(asked.Name, operands) + "}"
}

func evaluated(name string, operands []*ast.Term) (text string) {
	defer func() {
		if trouble := recover(); trouble != nil {
			text = fmt.Sprintf(`,"trouble":%q`, fmt.Sprint("panic: ", trouble))
		}
	}()
	body, err := ast.ParseBody("x = " + callText(name, len(operands)))
	if err != nil {
		return fmt.Sprintf(`,"trouble":%q`, err.Error())
	}
	compiler := ast.NewCompiler()
	compiled, err := compiler.QueryCompiler().Compile(body)
	if err != nil {
		return fmt.Sprintf(`,"trouble":%q`, err.Error())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stop := topdown.NewCancel()
	go func() { <-ctx.Done(); stop.Cancel() }()
	var result *ast.Term
	query := topdown.NewQuery(compiled).WithCompiler(compiler).WithInput(ast.ArrayTerm(operands...)).WithStrictBuiltinErrors(true).
		WithCancel(stop).WithTime(time.Unix(0, 1795268939000000000))
	err = query.Iter(ctx, func(found topdown.QueryResult) error {
		result = found[ast.Var("x")]
		return nil
	})
	var failed *topdown.Error
	if errors.As(err, &failed) {
		message, _ := json.Marshal(failed.Message)
		return fmt.Sprintf(`,"code":%q,"message":%s`, failed.Code, message)
	}
	if err != nil {
		return fmt.Sprintf(`,"trouble":%q`, err.Error())
	}
	if result == nil {
		return ""
	}
	return `,"value":` + encode(result)
}

// calls is how often `bench` calls a builtin in one evaluation.
const calls = 2000

// timed is the time of one call among many in one evaluation, in nanoseconds; of a loop that calls nothing without a name.
func timed(name string, operands []*ast.Term) (float64, error) {
	called := "i"
	if name != "" {
		called = callText(name, len(operands))
	}
	body, err := ast.ParseBody(fmt.Sprintf("n = count([x | some i in numbers.range(1, %d); x := %s])", calls, called))
	if err != nil {
		return 0, err
	}
	compiler := ast.NewCompiler()
	compiled, err := compiler.QueryCompiler().Compile(body)
	if err != nil {
		return 0, err
	}
	input := ast.ArrayTerm(operands...)
	fastest := time.Duration(1 << 62)
	for range 15 {
		begun := time.Now()
		query := topdown.NewQuery(compiled).WithCompiler(compiler).WithInput(input).WithTime(time.Unix(0, 1795268939000000000)).
			WithInterQueryBuiltinValueCache(cache.NewInterQueryValueCache(context.Background(), nil))
		if err := query.Iter(context.Background(), func(topdown.QueryResult) error { return nil }); err != nil {
			return 0, err
		}
		fastest = min(fastest, time.Since(begun))
	}
	return float64(fastest.Nanoseconds()) / calls, nil
}

func callText(name string, count int) string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("input[%d]", i)
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(names, ", "))
}

func decode(raw json.RawMessage) (*ast.Term, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil, errors.New("no value")
	case raw[0] == '[':
		terms, err := decodeAll(raw)
		return ast.ArrayTerm(terms...), err
	case raw[0] == '{':
		return decodeObject(raw)
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return ast.StringTerm(text), err
	case raw[0] == 't', raw[0] == 'f':
		return ast.BooleanTerm(raw[0] == 't'), nil
	case raw[0] == 'n':
		return ast.NullTerm(), nil
	}
	return ast.NumberTerm(json.Number(raw)), nil
}

func decodeAll(raw json.RawMessage) ([]*ast.Term, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, err
	}
	terms := make([]*ast.Term, 0, len(elements))
	for _, element := range elements {
		term, err := decode(element)
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return terms, nil
}

func decodeObject(raw json.RawMessage) (*ast.Term, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	if len(members) == 1 {
		if set, ok := members["$set"]; ok {
			terms, err := decodeAll(set)
			return ast.SetTerm(terms...), err
		}
		if digits, ok := members["$int"]; ok {
			var text string
			err := json.Unmarshal(digits, &text)
			return ast.NumberTerm(json.Number(text)), err
		}
		if pairs, ok := members["$object"]; ok {
			terms, err := decodeAll(pairs)
			object := ast.NewObject()
			for _, pair := range terms {
				if array, ok := pair.Value.(*ast.Array); ok && array.Len() == 2 {
					object.Insert(array.Elem(0), array.Elem(1))
				}
			}
			return ast.NewTerm(object), err
		}
	}
	object := ast.NewObject()
	for key, member := range members {
		term, err := decode(member)
		if err != nil {
			return nil, err
		}
		object.Insert(ast.StringTerm(key), term)
	}
	return ast.NewTerm(object), nil
}

func encode(term *ast.Term) string {
	switch value := term.Value.(type) {
	case *ast.Array:
		return "[" + joined(value.Len(), value.Elem) + "]"
	case ast.Set:
		elements := value.Slice()
		return `{"$set":[` + joined(len(elements), func(i int) *ast.Term { return elements[i] }) + "]}"
	case ast.Object:
		return encodeObject(value)
	case ast.Number:
		text := string(value)
		if !strings.ContainsAny(text, ".eE") && len(strings.TrimPrefix(text, "-")) > 15 {
			return fmt.Sprintf(`{"$int":%q}`, text)
		}
		return text
	case ast.String:
		text, _ := json.Marshal(string(value))
		return string(text)
	}
	return term.String()
}

func encodeObject(object ast.Object) string {
	keys := object.Keys()
	parts := make([]string, 0, len(keys))
	plain := true
	for _, key := range keys {
		_, isText := key.Value.(ast.String)
		plain = plain && isText
	}
	for _, key := range keys {
		if plain {
			parts = append(parts, encode(key)+":"+encode(object.Get(key)))
		} else {
			parts = append(parts, "["+encode(key)+","+encode(object.Get(key))+"]")
		}
	}
	if plain {
		return "{" + strings.Join(parts, ",") + "}"
	}
	return `{"$object":[` + strings.Join(parts, ",") + "]}"
}

func joined(count int, at func(int) *ast.Term) string {
	parts := make([]string, count)
	for i := range parts {
		parts[i] = encode(at(i))
	}
	return strings.Join(parts, ",")
}
