//! Facts as columns of Arrow and back. Amounts are eurocents.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{
        Array, ArrayRef, AsArray as _, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Int32Array, Int32Builder,
        Int64Array, Int64Builder, RecordBatch, StringArray, StringBuilder, UInt8Array, UInt8Builder, UInt32Array,
        UInt32Builder,
    },
    datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef, UInt8Type, UInt32Type},
    error::ArrowError,
};
use jiff::civil::Date;

use super::{
    super::{
        bericht::BerichtId,
        bsn::Bsn,
        feit::{Dossier, Feit},
        sleutel::PersoonSleutel,
    },
    plat::{Plat, day, day_number, nanoseconds, time},
};

/// The columns of a file of records.
pub(super) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let always = |name: &str, kind| Field::new(name, kind, false);
    let sometimes = |name: &str, kind| Field::new(name, kind, true);
    Arc::new(Schema::new(vec![
        always("persoon", DataType::FixedSizeBinary(16)),
        always("bsn", DataType::UInt32),
        always("soort", DataType::UInt8),
        always("dagtekening", DataType::Int32),
        always("aanbieder", DataType::UInt32),
        always("identificatie", DataType::Utf8),
        sometimes("toewijzing", DataType::UInt32),
        sometimes("categorie", DataType::UInt8),
        sometimes("productcode", DataType::Utf8),
        sometimes("referentie", DataType::Utf8),
        sometimes("vorige_referentie", DataType::Utf8),
        sometimes("datum", DataType::Int32),
        sometimes("tijd", DataType::Int64),
        sometimes("begin", DataType::Int32),
        sometimes("einde", DataType::Int32),
        sometimes("reden", DataType::UInt8),
        sometimes("status", DataType::UInt8),
        sometimes("bedrag", DataType::UInt32),
    ]))
});

/// Facts on their way to columns.
pub(super) struct Kolommen {
    rows: usize,
    persoon: FixedSizeBinaryBuilder,
    bsn: UInt32Builder,
    soort: UInt8Builder,
    dagtekening: Int32Builder,
    aanbieder: UInt32Builder,
    identificatie: StringBuilder,
    toewijzing: UInt32Builder,
    categorie: UInt8Builder,
    code: StringBuilder,
    referentie: StringBuilder,
    vorige: StringBuilder,
    datum: Int32Builder,
    tijd: Int64Builder,
    begin: Int32Builder,
    einde: Int32Builder,
    reden: UInt8Builder,
    status: UInt8Builder,
    bedrag: UInt32Builder,
}

impl Kolommen {
    pub(super) fn new() -> Self {
        Self {
            rows: 0,
            persoon: FixedSizeBinaryBuilder::new(16),
            bsn: UInt32Builder::new(),
            soort: UInt8Builder::new(),
            dagtekening: Int32Builder::new(),
            aanbieder: UInt32Builder::new(),
            identificatie: StringBuilder::new(),
            toewijzing: UInt32Builder::new(),
            categorie: UInt8Builder::new(),
            code: StringBuilder::new(),
            referentie: StringBuilder::new(),
            vorige: StringBuilder::new(),
            datum: Int32Builder::new(),
            tijd: Int64Builder::new(),
            begin: Int32Builder::new(),
            einde: Int32Builder::new(),
            reden: UInt8Builder::new(),
            status: UInt8Builder::new(),
            bedrag: UInt32Builder::new(),
        }
    }

    /// How many facts were added since the last batch.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn add(&mut self, dossier: &Dossier, feit: &Feit) -> Result<(), ArrowError> {
        let (plat, bericht) = (Plat::of(&feit.uitspraak), &feit.bericht);
        self.rows += 1;
        self.persoon.append_value(dossier.persoon.as_bytes())?;
        self.bsn.append_value(dossier.bsn.number());
        self.soort.append_value(plat.soort);
        self.dagtekening.append_value(day_number(bericht.dagtekening));
        self.aanbieder.append_value(bericht.aanbieder);
        self.identificatie.append_value(&bericht.identificatie);
        self.toewijzing.append_option(plat.toewijzing);
        self.categorie.append_option(plat.categorie);
        self.code.append_option(plat.code);
        self.referentie.append_option(plat.referentie);
        self.vorige.append_option(plat.vorige);
        self.datum.append_option(plat.datum.map(day_number));
        self.tijd.append_option(plat.tijd.map(nanoseconds));
        self.begin.append_option(plat.begin.map(day_number));
        self.einde.append_option(plat.einde.map(day_number));
        self.reden.append_option(plat.reden);
        self.status.append_option(plat.status);
        self.bedrag.append_option(plat.bedrag);
        Ok(())
    }

    /// The facts that were added since the last batch.
    pub(super) fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.persoon.finish()),
            Arc::new(self.bsn.finish()),
            Arc::new(self.soort.finish()),
            Arc::new(self.dagtekening.finish()),
            Arc::new(self.aanbieder.finish()),
            Arc::new(self.identificatie.finish()),
            Arc::new(self.toewijzing.finish()),
            Arc::new(self.categorie.finish()),
            Arc::new(self.code.finish()),
            Arc::new(self.referentie.finish()),
            Arc::new(self.vorige.finish()),
            Arc::new(self.datum.finish()),
            Arc::new(self.tijd.finish()),
            Arc::new(self.begin.finish()),
            Arc::new(self.einde.finish()),
            Arc::new(self.reden.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.bedrag.finish()),
        ];
        RecordBatch::try_new(SCHEMA.clone(), columns)
    }
}

/// A fact, and about whom.
pub(super) type Rij = (PersoonSleutel, Bsn, Feit);

/// Columns as facts.
pub(super) struct Rows<'b> {
    persoon: &'b FixedSizeBinaryArray,
    bsn: &'b UInt32Array,
    soort: &'b UInt8Array,
    dagtekening: &'b Int32Array,
    aanbieder: &'b UInt32Array,
    identificatie: &'b StringArray,
    toewijzing: &'b UInt32Array,
    categorie: &'b UInt8Array,
    code: &'b StringArray,
    referentie: &'b StringArray,
    vorige: &'b StringArray,
    datum: &'b Int32Array,
    tijd: &'b Int64Array,
    begin: &'b Int32Array,
    einde: &'b Int32Array,
    reden: &'b UInt8Array,
    status: &'b UInt8Array,
    bedrag: &'b UInt32Array,
}

impl<'b> Rows<'b> {
    /// Of a batch with the columns of [`SCHEMA`].
    pub(super) fn of(batch: &'b RecordBatch) -> Option<Self> {
        let column = |name: &str| batch.column_by_name(name);
        let u8s = |name| column(name).and_then(|array| array.as_primitive_opt::<UInt8Type>());
        let u32s = |name| column(name).and_then(|array| array.as_primitive_opt::<UInt32Type>());
        let i32s = |name| column(name).and_then(|array| array.as_primitive_opt::<Int32Type>());
        let texts = |name| column(name).and_then(|array| array.as_string_opt::<i32>());
        Some(Self {
            persoon: column("persoon")?.as_fixed_size_binary_opt()?,
            bsn: u32s("bsn")?,
            soort: u8s("soort")?,
            dagtekening: i32s("dagtekening")?,
            aanbieder: u32s("aanbieder")?,
            identificatie: texts("identificatie")?,
            toewijzing: u32s("toewijzing")?,
            categorie: u8s("categorie")?,
            code: texts("productcode")?,
            referentie: texts("referentie")?,
            vorige: texts("vorige_referentie")?,
            datum: i32s("datum")?,
            tijd: column("tijd")?.as_primitive_opt::<Int64Type>()?,
            begin: i32s("begin")?,
            einde: i32s("einde")?,
            reden: u8s("reden")?,
            status: u8s("status")?,
            bedrag: u32s("bedrag")?,
        })
    }

    /// The fact in a row; none if the row is not one.
    pub(super) fn feit(&self, row: usize) -> Option<Rij> {
        let given = |array: &dyn Array| array.is_valid(row);
        let text = |array: &'b StringArray| given(array).then(|| array.value(row));
        let byte = |array: &UInt8Array| given(array).then(|| array.value(row));
        let number = |array: &UInt32Array| given(array).then(|| array.value(row));
        let aanbieder = self.aanbieder.value(row);
        let plat = Plat {
            soort: self.soort.value(row),
            toewijzing: number(self.toewijzing),
            categorie: byte(self.categorie),
            code: text(self.code),
            referentie: text(self.referentie),
            vorige: text(self.vorige),
            datum: optional_day(self.datum, row)?,
            tijd: if given(self.tijd) { Some(time(self.tijd.value(row))?) } else { None },
            begin: optional_day(self.begin, row)?,
            einde: optional_day(self.einde, row)?,
            reden: byte(self.reden),
            status: byte(self.status),
            bedrag: number(self.bedrag),
        };
        let persoon = PersoonSleutel::from_bytes(self.persoon.value(row).try_into().ok()?);
        let bericht = BerichtId {
            dagtekening: day(self.dagtekening.value(row))?,
            aanbieder,
            identificatie: self.identificatie.value(row).into(),
        };
        let feit = Feit { uitspraak: plat.uitspraak(aanbieder)?, bericht };
        Some((persoon, Bsn::from_number(self.bsn.value(row))?, feit))
    }
}

#[expect(clippy::option_option, reason = "absent and wrong are two things")]
fn optional_day(array: &Int32Array, row: usize) -> Option<Option<Date>> {
    if array.is_null(row) { Some(None) } else { day(array.value(row)).map(Some) }
}
