# A small policy, as peers measure it: `opa build -t wasm --capabilities .. -e small/allow -e small/calls benches/evaluate/small.rego`,
# with `bench.echo (any) => any` among the capabilities. `small.wasm` is what OPA 1.22.0 made of it.
package small

default allow := false

allow if {
	input.method == "GET"
	some role in data.roles[input.user]
	role == "reader"
}

calls := count([answer | some value in input.values; answer := bench.echo(value)])
