# METADATA
# title: Signatures
# description: >-
#   Every image is signed by whom the command line names (`data.config.default_sigstore_opts`). Images are
#   `input.image.ref`, or `containerImage` of each of `input.components`.
package signatures

# METADATA
# title: Image is signed
# description: The signature of the image verifies.
# custom:
#   short_name: image_signed
deny contains result if {
	some ref in images
	not verified(ref)
	result := {
		"code": "signatures.image_signed",
		"msg": sprintf("%s is not signed as required: %s", [ref, reason(ref)]),
		"image": ref,
	}
}

# METADATA
# title: There is an image
# description: An input that names no image proves nothing.
# custom:
#   short_name: image_named
deny contains result if {
	count(images) == 0
	result := {
		"code": "signatures.image_named",
		"msg": "the input names no image: neither `image.ref` nor `components` with a `containerImage`",
	}
}

# METADATA
# title: Components name their images
# description: A component whose image is not a text cannot be verified.
# custom:
#   short_name: component_named
deny contains result if {
	some position, component in object.get(input, "components", [])
	not is_string(object.get(component, "containerImage", null))
	result := {
		"code": "signatures.component_named",
		"msg": sprintf("component %d has no `containerImage`", [position]),
	}
}

images contains input.image.ref

images contains component.containerImage if some component in input.components

verified(ref) if ec.sigstore.verify_image(ref, options).success

# Nothing is verified without a reason, and no reason is needed where something is.
reason(ref) := concat("; ", ec.sigstore.verify_image(ref, options).errors)

default options := {}

options := data.config.default_sigstore_opts
