//! A memo that can hold only successes. Knows nothing of images, signatures or Rego.
