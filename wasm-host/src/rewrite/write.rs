//! Writing a module back: with a memory of its own, or as the image of a running one.

use wasm_encoder::{
    ConstExpr, DataSection, DataSegment, DataSegmentMode, EntityType, ExportKind, ExportSection, GlobalSection, GlobalType, ImportSection,
    MemorySection, MemoryType, Module, RawSection, SectionId, ValType,
};
use wasmparser::ExternalKind;
use wasmtime::{AsContextMut, Val};

use super::global_name;
use super::read::Shape;
use crate::abi::{ENV, export};
use crate::limits::PAGE;

/// The unit in which an image leaves out what is zero.
const BLOCK: usize = 4096;

/// What an instance has become: its memory, and its globals in their order.
#[derive(Debug)]
pub(crate) struct Image {
    memory: Vec<u8>,
    globals: Vec<Val>,
}

impl Image {
    /// Takes the image of an instance of [`Shape::with_own_memory`].
    pub(crate) fn of(mut store: impl AsContextMut, instance: &wasmtime::Instance, shape: &Shape<'_>) -> Option<Self> {
        let memory = instance.get_memory(store.as_context_mut(), export::MEMORY)?.data(store.as_context_mut()).to_vec();
        let numbers = 0..u32::try_from(shape.globals.len()).ok()?;
        let globals =
            numbers.map(|number| Some(instance.get_global(store.as_context_mut(), &global_name(number))?.get(store.as_context_mut())));
        Some(Self { memory, globals: globals.collect::<Option<_>>()? })
    }
}

impl Shape<'_> {
    /// The module with a defined memory in place of the imported one, all globals exported.
    pub(crate) fn with_own_memory(&self) -> Vec<u8> {
        self.write(self.memory.initial, |_, raw, module| {
            module.section(raw);
        })
    }

    /// The module as it goes on from `image`, without a start function.
    pub(crate) fn with_image(&self, image: &Image) -> Vec<u8> {
        let pages = image.memory.len() / PAGE;
        self.write(pages as u64, |number, raw, module| match number {
            START | DATA_COUNT | DATA => {}
            GLOBAL => {
                module.section(&self.globals_of(image));
            }
            _ => {
                module.section(raw);
            }
        })
        .into_iter()
        .chain(data_of(image))
        .collect()
    }

    /// Copies the sections through `copy`, but for those that hold the memory: imports, memories, exports.
    fn write(&self, pages: u64, mut copy: impl FnMut(u8, &RawSection<'_>, &mut Module)) -> Vec<u8> {
        let mut module = Module::new();
        let mut memory = Some(self.memory_section(pages));
        for (number, place) in &self.sections {
            if *number > MEMORY
                && let Some(memory) = memory.take()
            {
                module.section(&memory);
            }
            match *number {
                IMPORT => {
                    module.section(&self.import_section());
                }
                MEMORY => {}
                EXPORT => {
                    module.section(&self.export_section());
                }
                number => copy(number, &RawSection { id: number, data: self.bytes.get(place.clone()).unwrap_or_default() }, &mut module),
            }
        }
        module.finish()
    }

    fn memory_section(&self, minimum: u64) -> MemorySection {
        let mut section = MemorySection::new();
        section.memory(MemoryType { minimum, maximum: self.memory.maximum, memory64: false, shared: false, page_size_log2: None });
        section
    }

    fn import_section(&self) -> ImportSection {
        let mut section = ImportSection::new();
        for (name, number) in &self.imports {
            section.import(ENV, name, EntityType::Function(*number));
        }
        section
    }

    fn export_section(&self) -> ExportSection {
        let mut section = ExportSection::new();
        for export in &self.exports {
            let kind = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
                ExternalKind::Table => ExportKind::Table,
                ExternalKind::Memory => ExportKind::Memory,
                ExternalKind::Global => ExportKind::Global,
                ExternalKind::Tag => ExportKind::Tag,
            };
            section.export(export.name, kind, export.index);
        }
        if !self.exports.iter().any(|export| export.name == export::MEMORY) {
            section.export(export::MEMORY, ExportKind::Memory, 0);
        }
        for number in (0..).take(self.globals.len()) {
            section.export(&global_name(number), ExportKind::Global, number);
        }
        section
    }

    fn globals_of(&self, image: &Image) -> GlobalSection {
        let mut section = GlobalSection::new();
        for ((_, mutable), value) in self.globals.iter().zip(&image.globals) {
            let (val_type, value) = match value {
                Val::I64(value) => (ValType::I64, ConstExpr::i64_const(*value)),
                Val::F32(bits) => (ValType::F32, ConstExpr::f32_const(f32::from_bits(*bits).into())),
                Val::F64(bits) => (ValType::F64, ConstExpr::f64_const(f64::from_bits(*bits).into())),
                other => (ValType::I32, ConstExpr::i32_const(other.i32().unwrap_or_default())),
            };
            section.global(GlobalType { val_type, mutable: *mutable, shared: false }, &value);
        }
        section
    }
}

const IMPORT: u8 = SectionId::Import as u8;
const MEMORY: u8 = SectionId::Memory as u8;
const GLOBAL: u8 = SectionId::Global as u8;
const EXPORT: u8 = SectionId::Export as u8;
const START: u8 = SectionId::Start as u8;
const DATA: u8 = SectionId::Data as u8;
const DATA_COUNT: u8 = SectionId::DataCount as u8;

/// The data section of an image, written out. Data is a module's last section.
fn data_of(image: &Image) -> Vec<u8> {
    use wasm_encoder::{Encode as _, Section as _};
    let (mut section, mut begun) = (DataSection::new(), None);
    let blocks = image.memory.chunks(BLOCK).map(|block| block.iter().any(|byte| *byte != 0));
    for (number, used) in blocks.chain([false]).enumerate() {
        match (used, begun) {
            (true, None) => begun = Some(number * BLOCK),
            (false, Some(start)) => {
                let end = (number * BLOCK).min(image.memory.len());
                let offset = ConstExpr::i32_const(u32::try_from(start).unwrap_or_default().cast_signed());
                let data = image.memory.get(start..end).unwrap_or_default().iter().copied();
                section.segment(DataSegment { mode: DataSegmentMode::Active { memory_index: 0, offset: &offset }, data });
                begun = None;
            }
            _ => {}
        }
    }
    let mut out = vec![section.id()];
    section.encode(&mut out);
    out
}
