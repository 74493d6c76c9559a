//! `Shape`: the sections of a module, checked to be what OPA's compiler writes.

use std::borrow::Cow;
use std::ops::Range;

use wasmparser::{
    Data, DataKind, Export, Global, Import, MemoryType, Operator, Parser, Payload, TypeRef, ValType, ValidPayload, Validator, WasmFeatures,
};

use crate::abi::{self, ENV, export};
use crate::error::LoadError;
use crate::limits::{Limits, PAGE};

/// A module that is valid, and that uses nothing which an image could not carry on from.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    pub(super) bytes: &'a [u8],
    /// Number and place of each section but the custom ones, in their order.
    pub(super) sections: Vec<(u8, Range<usize>)>,
    /// Function imports: name, and number of the type.
    pub(super) imports: Vec<(&'a str, u32)>,
    pub(super) memory: MemoryType,
    pub(super) globals: Vec<(ValType, bool)>,
    pub(super) exports: Vec<Export<'a>>,
}

/// What OPA's compiler and the C compiler under it use. No reference types, threads, tail calls, exceptions, 64-bit memory.
const FEATURES: WasmFeatures = WasmFeatures::WASM1
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG);

fn invalid(why: impl Into<Cow<'static, str>>) -> LoadError {
    LoadError::Invalid(why.into().into_owned())
}

fn malformed(error: &wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(format!("{} (at byte {})", error.message(), error.offset()))
}

impl<'a> Shape<'a> {
    /// Validates `bytes` and reads them.
    pub(crate) fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, LoadError> {
        if bytes.len() > limits.module_bytes {
            return Err(LoadError::TooLarge { bytes: bytes.len(), limit: limits.module_bytes });
        }
        validate(bytes)?;
        Self::read_again(bytes, limits)
    }

    /// Reads `bytes` that were read before.
    pub(crate) fn read_again(bytes: &'a [u8], limits: &Limits) -> Result<Self, LoadError> {
        let memory = MemoryType { memory64: false, shared: false, initial: 0, maximum: None, page_size_log2: None };
        let mut shape = Self { bytes, sections: Vec::new(), imports: Vec::new(), memory, globals: Vec::new(), exports: Vec::new() };
        let (mut types, mut memories) = (Vec::new(), 0);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|error| malformed(&error))?;
            shape.sections.extend(payload.as_section().filter(|(number, _)| *number != 0));
            match payload {
                Payload::TypeSection(section) => {
                    let listed: Result<Vec<_>, _> = section.into_iter_err_on_gc_types().collect();
                    types = listed.map_err(|error| malformed(&error))?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.map_err(|error| malformed(&error))?;
                        memories += shape.import(import, &types)?;
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        shape.memory = memory.map_err(|error| malformed(&error))?;
                        memories += 1;
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        shape.global(&global.map_err(|error| malformed(&error))?)?;
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        shape.cover(&data.map_err(|error| malformed(&error))?);
                    }
                }
                Payload::ExportSection(section) => {
                    let listed: Result<Vec<_>, _> = section.into_iter().collect();
                    shape.exports = listed.map_err(|error| malformed(&error))?;
                }
                _ => {}
            }
        }
        shape.check(memories, limits)
    }

    fn check(self, memories: usize, limits: &Limits) -> Result<Self, LoadError> {
        if memories != 1 {
            return Err(invalid(format!("{memories} memories in place of one")));
        }
        let bytes = self.memory.initial.saturating_mul(PAGE as u64);
        if usize::try_from(bytes).unwrap_or(usize::MAX) > limits.memory_bytes {
            return Err(LoadError::Memory { bytes, limit: limits.memory_bytes });
        }
        if self.exports.iter().any(|export| export.name.starts_with("vidimus:")) {
            return Err(invalid("an export whose name begins with `vidimus:`"));
        }
        Ok(self)
    }

    /// OPA's compiler declares the memory that its runtime needs, and not that of the strings of large policies, which lie behind:
    /// whoever imports the memory is to bring enough.
    fn cover(&mut self, data: &Data<'_>) {
        if let DataKind::Active { offset_expr, .. } = &data.kind
            && let Ok(Operator::I32Const { value }) = offset_expr.get_operators_reader().read()
        {
            let end = u64::from(value.cast_unsigned()) + data.data.len() as u64;
            self.memory.initial = self.memory.initial.max(end.div_ceil(PAGE as u64));
        }
    }

    /// Takes one import; tells how many memories it was.
    fn import(&mut self, import: Import<'a>, types: &[wasmparser::FuncType]) -> Result<usize, LoadError> {
        let unknown = || LoadError::Import { module: import.module.to_owned(), name: import.name.to_owned() };
        match import.ty {
            TypeRef::Func(number) => {
                let of = usize::try_from(number).ok().and_then(|number| types.get(number)).ok_or_else(unknown)?;
                abi::check_import((import.module, import.name), of)?;
                self.imports.push((import.name, number));
                Ok(0)
            }
            TypeRef::Memory(memory) if import.module == ENV && import.name == export::MEMORY => {
                self.memory = memory;
                Ok(1)
            }
            _ => Err(unknown()),
        }
    }

    fn global(&mut self, global: &Global<'a>) -> Result<(), LoadError> {
        if !matches!(global.ty.content_type, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64) {
            return Err(invalid("a global that is no number"));
        }
        self.globals.push((global.ty.content_type, global.ty.mutable));
        Ok(())
    }
}

/// Validates the module, and refuses what an image could not carry.
fn validate(bytes: &[u8]) -> Result<(), LoadError> {
    let mut validator = Validator::new_with_features(FEATURES);
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| malformed(&error))?;
        match validator.payload(&payload).map_err(|error| malformed(&error))? {
            ValidPayload::Func(function, body) => {
                let mut checker = function.into_validator(allocations);
                checker.validate(&body).map_err(|error| malformed(&error))?;
                allocations = checker.into_allocations();
                check_body(&body)?;
            }
            ValidPayload::Ok | ValidPayload::End(_) | ValidPayload::Parser(_) => {}
        }
        if let Payload::DataSection(section) = &payload {
            for data in section.clone() {
                if matches!(data.map_err(|error| malformed(&error))?.kind, DataKind::Passive) {
                    return Err(invalid("data that is not there from the start"));
                }
            }
        }
    }
    Ok(())
}

/// What changes tables or segments would be lost in an image of memory and globals.
fn check_body(body: &wasmparser::FunctionBody<'_>) -> Result<(), LoadError> {
    let mut operators = body.get_operators_reader().map_err(|error| malformed(&error))?;
    while !operators.eof() {
        match operators.read().map_err(|error| malformed(&error))? {
            Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. }
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. } => return Err(invalid("code that changes tables or segments")),
            _ => {}
        }
    }
    Ok(())
}
