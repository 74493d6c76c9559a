// Oracle answers as OPA 1.22.0 does where Conforma runs it without a network: ec.oci.* are undefined, ec.sigstore.* fail,
// ec.purl.* are Conforma's. A development tool; nothing of it is part of the product.
//
//	oracle test   [-capabilities FILE] PATH...                    outcome of each test, a JSON object a line
//	oracle decide [-capabilities FILE] [-n N] -input FILE PATH... results of the deny and warn rules, time of each evaluation;
//	              [-answers FILE] [-now SECONDS]                  with answers for ec.oci.* and ec.sigstore.*, what lacks one, at a time
//	oracle bench  [-capabilities FILE] [-n N] -input FILE PATH... what preparing and evaluating take, on one thread and on two
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/loader"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/package-url/packageurl-go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 {
		return fmt.Errorf("expects `test`, `decide` or `bench`")
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	capabilities := flags.String("capabilities", "", "what `vidimus capabilities` prints: the declared types of ec.*")
	input := flags.String("input", "", "the input document")
	times := flags.Int("n", 1, "how often to evaluate")
	file := flags.String("answers", "", "what ec.oci.* and ec.sigstore.* answer: an object of lists, by call")
	now := flags.Int64("now", 0, "the time of evaluations, in seconds since 1970; else that of the clock")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	known, err := given(*file)
	if err != nil {
		return err
	}
	if err := register(*capabilities, known); err != nil {
		return err
	}
	switch os.Args[1] {
	case "test":
		return test(flags.Args())
	case "decide":
		return decide(flags.Args(), *input, circumstances{*times, *now, known})
	case "bench":
		return bench(flags.Args(), *input, *times)
	}
	return fmt.Errorf("unknown command %q", os.Args[1])
}

// register makes ec.* known to the compiler, with the declared types that the capabilities give them.
func register(file string, known *answers) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	declared, err := ast.LoadCapabilitiesJSON(strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	for _, builtin := range declared.Builtins {
		if !strings.HasPrefix(builtin.Name, "ec.") {
			continue
		}
		ast.RegisterBuiltin(builtin)
		topdown.RegisterBuiltinFunc(builtin.Name, function(builtin, known))
	}
	return nil
}

func function(builtin *ast.Builtin, known *answers) topdown.BuiltinFunc {
	switch builtin.Name {
	case "ec.purl.is_valid":
		return func(_ topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
			text, ok := operands[0].Value.(ast.String)
			if !ok {
				return iter(ast.BooleanTerm(false))
			}
			_, err := packageurl.FromString(string(text))
			return iter(ast.BooleanTerm(err == nil))
		}
	case "ec.purl.parse":
		return func(_ topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
			text, ok := operands[0].Value.(ast.String)
			if !ok {
				return nil
			}
			purl, err := packageurl.FromString(string(text))
			if err != nil {
				return nil
			}
			return iter(parsed(purl))
		}
	}
	if known != nil {
		return known.function(builtin)
	}
	if strings.HasPrefix(builtin.Name, "ec.sigstore.") {
		return func(_ topdown.BuiltinContext, _ []*ast.Term, iter func(*ast.Term) error) error {
			return iter(ast.ObjectTerm(
				ast.Item(ast.StringTerm("success"), ast.BooleanTerm(false)),
				ast.Item(ast.StringTerm("errors"), ast.ArrayTerm(ast.StringTerm("there is no network here"))),
				ast.Item(ast.StringTerm("signatures"), ast.ArrayTerm()),
				ast.Item(ast.StringTerm("attestations"), ast.ArrayTerm())))
		}
	}
	return func(topdown.BuiltinContext, []*ast.Term, func(*ast.Term) error) error { return nil }
}

func parsed(purl packageurl.PackageURL) *ast.Term {
	qualifiers := make([]*ast.Term, 0, len(purl.Qualifiers))
	for _, qualifier := range purl.Qualifiers {
		qualifiers = append(qualifiers, ast.ObjectTerm(
			ast.Item(ast.StringTerm("key"), ast.StringTerm(qualifier.Key)),
			ast.Item(ast.StringTerm("value"), ast.StringTerm(qualifier.Value))))
	}
	return ast.ObjectTerm(
		ast.Item(ast.StringTerm("type"), ast.StringTerm(purl.Type)),
		ast.Item(ast.StringTerm("namespace"), ast.StringTerm(purl.Namespace)),
		ast.Item(ast.StringTerm("name"), ast.StringTerm(purl.Name)),
		ast.Item(ast.StringTerm("version"), ast.StringTerm(purl.Version)),
		ast.Item(ast.StringTerm("qualifiers"), ast.ArrayTerm(qualifiers...)),
		ast.Item(ast.StringTerm("subpath"), ast.StringTerm(purl.Subpath)))
}

func load(paths []string) (*loader.Result, error) {
	return loader.NewFileLoader().WithProcessAnnotation(true).All(paths)
}

// test prints the outcome of each test.
func test(paths []string) error {
	loaded, err := load(paths)
	if err != nil {
		return err
	}
	ctx := context.Background()
	store := inmem.NewFromObject(loaded.Documents)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return err
	}
	defer store.Abort(ctx, txn)
	compiler := ast.NewCompiler().WithEnablePrintStatements(true).WithUseTypeCheckAnnotations(true)
	modules := map[string]*ast.Module{}
	for name, module := range loaded.Modules {
		modules[name] = module.Parsed
	}
	runner := tester.NewRunner().SetCompiler(compiler).SetStore(store).SetModules(modules).SetTimeout(60 * time.Second)
	started := time.Now()
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		return err
	}
	lines := []string{}
	for result := range results {
		outcome := "fail"
		switch {
		case result.Skip:
			outcome = "skip"
		case result.Error != nil:
			outcome = "error"
		case result.Pass():
			outcome = "pass"
		}
		line, err := json.Marshal(map[string]any{"test": result.Package + "." + result.Name, "outcome": outcome})
		if err != nil {
			return err
		}
		lines = append(lines, string(line))
	}
	elapsed := time.Since(started)
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
	fmt.Fprintf(os.Stderr, "oracle: %d tests in %v\n", len(lines), elapsed)
	return nil
}

var deciding = regexp.MustCompile(`^(deny|violation|warn)(_[a-zA-Z0-9]+)*$`)

// rules gives the distinct rules that decide, sorted.
func rules(compiler *ast.Compiler) []string {
	found := map[string]bool{}
	for _, module := range compiler.Modules {
		for _, rule := range module.Rules {
			if name := rule.Head.Name.String(); deciding.MatchString(name) {
				found[rule.Module.Package.Path.String()+"."+name] = true
			}
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// prepare gives one prepared query over all deciding rules, and the input.
func prepare(paths []string, file string) (*rego.PreparedEvalQuery, ast.Value, error) {
	loaded, err := load(paths)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	var document any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, nil, err
	}
	input, err := ast.InterfaceToValue(document)
	if err != nil {
		return nil, nil, err
	}
	compiler := ast.NewCompiler().WithEnablePrintStatements(false).WithUseTypeCheckAnnotations(true)
	modules := map[string]*ast.Module{}
	for name, module := range loaded.Modules {
		modules[name] = module.Parsed
	}
	if compiler.Compile(modules); compiler.Failed() {
		return nil, nil, compiler.Errors
	}
	names := rules(compiler)
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("no rule decides")
	}
	members := make([]string, 0, len(names))
	for _, name := range names {
		members = append(members, fmt.Sprintf("%q: [value | value := %s]", name, name))
	}
	query, err := rego.New(rego.Query("result := {"+strings.Join(members, ", ")+"}"), rego.Compiler(compiler),
		rego.Store(inmem.NewFromObject(loaded.Documents))).PrepareForEval(context.Background())
	return &query, input, err
}

// circumstances are how often, when, and with which answers of ec.* rules are evaluated.
type circumstances struct {
	times int
	now   int64
	known *answers
}

// decide prints what each deciding rule gives, how long one evaluation of all of them took, and which calls have no answer.
func decide(paths []string, file string, under circumstances) error {
	query, input, err := prepare(paths, file)
	if err != nil {
		return err
	}
	options := []rego.EvalOption{rego.EvalParsedInput(input)}
	if under.now != 0 {
		options = append(options, rego.EvalTime(time.Unix(under.now, 0)))
	}
	var result rego.ResultSet
	nanoseconds := make([]int64, 0, under.times)
	for range under.times {
		started := time.Now()
		if result, err = query.Eval(context.Background(), options...); err != nil {
			return err
		}
		nanoseconds = append(nanoseconds, time.Since(started).Nanoseconds())
	}
	if len(result) != 1 {
		return fmt.Errorf("%d results instead of one", len(result))
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"rules": result[0].Bindings["result"], "ns": nanoseconds, "unanswered": under.known.unanswered()})
}

// bench prints what preparing took, the first evaluation, the further ones, and evaluations a second on one thread and on two.
func bench(paths []string, file string, times int) error {
	started := time.Now()
	query, input, err := prepare(paths, file)
	if err != nil {
		return err
	}
	measured := map[string]any{"prepare_ns": time.Since(started).Nanoseconds()}
	// each takes the time of so many evaluations on so many threads.
	each := func(threads, times int) (time.Duration, error) {
		started, failures := time.Now(), make(chan error, threads)
		for range threads {
			go func() {
				for range times / threads {
					if _, err := query.Eval(context.Background(), rego.EvalParsedInput(input)); err != nil {
						failures <- err
						return
					}
				}
				failures <- nil
			}()
		}
		for range threads {
			if err := <-failures; err != nil {
				return 0, err
			}
		}
		return time.Since(started), nil
	}
	first, err := each(1, 1)
	if err != nil {
		return err
	}
	measured["first_ns"] = first.Nanoseconds()
	further := max(times-1, 2)
	for threads := 1; threads <= 2; threads++ {
		taken, err := each(threads, further)
		if err != nil {
			return err
		}
		measured[fmt.Sprintf("rate_%d", threads)] = float64(further/threads*threads) / taken.Seconds()
		if threads == 1 {
			measured["further_ns"] = taken.Nanoseconds() / int64(further)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(measured)
}
