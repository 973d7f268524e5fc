//! Writes a command. Only what commands are made of: texts, whole numbers, lists, structures, words.

use serde::ser::{
    Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, Serializer,
};

use super::Fault;

/// Writes a value.
pub(crate) fn write(value: &impl Serialize) -> Result<String, Fault> {
    let mut text = String::new();
    value.serialize(&mut Writer { text: &mut text })?;
    Ok(text)
}

struct Writer<'a> {
    text: &'a mut String,
}

impl Writer<'_> {
    fn whole(&mut self, number: i64) {
        self.text.push_str(&number.to_string());
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.text.extend(['\\', c]),
                '\0'..='\u{1f}' => {
                    let digit = |of: u32| char::from_digit(of, 16).unwrap_or('0');
                    let code = u32::from(c);
                    self.text.push_str("\\u00");
                    self.text.extend([digit(code / 16), digit(code % 16)]);
                }
                _ => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    /// Begins another value of a list or an object.
    fn next(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn name(&mut self, name: &str) {
        self.next();
        self.quoted(name);
        self.text.push(':');
    }
}

/// The values of a list or an object, and what closes it.
struct Open<'a, 'b> {
    writer: &'b mut Writer<'a>,
    end: &'static str,
}

impl Open<'_, '_> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Fault> {
        self.writer.name(name);
        value.serialize(&mut *self.writer)
    }

    fn close(self) {
        self.writer.text.push_str(self.end);
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.writer.next();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Fault> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close();
        Ok(())
    }
}

impl SerializeStructVariant for Open<'_, '_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Fault> {
        self.close();
        Ok(())
    }
}

/// Whole numbers that an `i64` holds.
macro_rules! whole {
    ($($method:ident $type:ty),*) => {$(
        fn $method(self, number: $type) -> Result<(), Fault> {
            self.whole(number.into());
            Ok(())
        }
    )*};
}

/// What no command has.
macro_rules! none {
    ($($method:ident($($type:ty),*) -> $ok:ty),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<$ok, Fault> {
            Err(NONE)
        }
    )*};
}

const NONE: Fault = Fault("a type that no command has");

impl<'a, 'b> Serializer for &'b mut Writer<'a> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Open<'a, 'b>;
    type SerializeTuple = Impossible<(), Fault>;
    type SerializeTupleStruct = Impossible<(), Fault>;
    type SerializeTupleVariant = Impossible<(), Fault>;
    type SerializeMap = Impossible<(), Fault>;
    type SerializeStruct = Open<'a, 'b>;
    type SerializeStructVariant = Open<'a, 'b>;

    whole!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32
    );

    none! {
        serialize_u64(u64) -> (),
        serialize_f32(f32) -> (),
        serialize_f64(f64) -> (),
        serialize_char(char) -> (),
        serialize_bytes(&[u8]) -> (),
        serialize_unit_struct(&'static str) -> (),
        serialize_tuple(usize) -> Impossible<(), Fault>,
        serialize_tuple_struct(&'static str, usize) -> Impossible<(), Fault>,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Impossible<(), Fault>,
        serialize_map(Option<usize>) -> Impossible<(), Fault>,
    }

    fn serialize_bool(self, is: bool) -> Result<(), Fault> {
        self.text.push_str(if is { "true" } else { "false" });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Fault> {
        self.quoted(text);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.text.push_str("null");
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
    ) -> Result<(), Fault> {
        self.quoted(word);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Fault> {
        Err(NONE)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a, 'b>, Fault> {
        self.text.push('[');
        Ok(Open { writer: self, end: "]" })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a, 'b>, Fault> {
        self.text.push('{');
        Ok(Open { writer: self, end: "}" })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        _: usize,
    ) -> Result<Open<'a, 'b>, Fault> {
        self.text.push('{');
        self.name(word);
        self.text.push('{');
        Ok(Open { writer: self, end: "}}" })
    }
}

#[cfg(test)]
mod tests {
    use ipc::{AbsenceReason, LessonChange, Request, Role, ScanSource};
    use serde_json::{Value, from_str, to_value};

    use super::*;

    #[test]
    fn writes_what_the_shell_reads() {
        let nasty = "\"\\/\u{0}\u{1f}\u{7f}\n\r\t Әжесі 🙂 [{,".to_owned();
        let lesson = || "ab".to_owned();
        for request in [
            Request::Status {},
            Request::Enrol { ticket: nasty.clone() },
            Request::Today { ahead: u32::MAX },
            Request::Days { lesson: None },
            Request::Days { lesson: Some(String::new()) },
            Request::ChangeLesson { lesson: lesson(), change: LessonChange::NotHeld {} },
            Request::ChangeLesson {
                lesson: lesson(),
                change: LessonChange::Move { to_ms: i64::MIN },
            },
            Request::RecordScan { lesson: lesson(), text: nasty, source: ScanSource::Typed },
            Request::RecordHeadcount { lesson: lesson(), count: 7 },
            Request::Resume { online: true },
            Request::RecordAbsence {
                lesson: lesson(),
                child: lesson(),
                reason: AbsenceReason::Sick,
                number: Some("[".into()),
                document: None,
            },
            Request::MakeTicket {
                role: Role::Teacher,
                name: "{".into(),
                provider: None,
                groups: vec![String::new(), "a".into(), "[".into()],
                children: Vec::new(),
                replaces: None,
            },
        ] {
            let written = write(&request).unwrap();
            let read: Value = from_str(&written).expect(&written);
            assert_eq!(read, to_value(&request).unwrap(), "{written}");
        }
    }
}
