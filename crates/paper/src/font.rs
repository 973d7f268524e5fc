//! The two fonts, and how wide their letters are.

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Name, Pdf, Rect, Ref, Str};
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

use crate::PrintError;

/// Which of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Face {
    Plain,
    Bold,
}

impl Face {
    pub(crate) const ALL: [Self; 2] = [Self::Plain, Self::Bold];

    /// The name in a page's list of fonts.
    pub(crate) fn resource(self) -> Name<'static> {
        match self {
            Self::Plain => Name(b"F1"),
            Self::Bold => Name(b"F2"),
        }
    }

    fn file(self) -> &'static [u8] {
        match self {
            Self::Plain => include_bytes!("../fonts/DejaVuSansCondensed.ttf"),
            Self::Bold => include_bytes!("../fonts/DejaVuSansCondensed-Bold.ttf"),
        }
    }

    fn name(self) -> Name<'static> {
        match self {
            Self::Plain => Name(b"DejaVuSansCondensed"),
            Self::Bold => Name(b"DejaVuSansCondensed-Bold"),
        }
    }

    fn parsed(self) -> FontRef<'static> {
        FontRef::new(self.file()).expect("the fonts are in the program: a test reads both")
    }

    /// Gives the width of a text in points; a letter that is not there counts as a box.
    pub(crate) fn width(self, size: f32, text: &str) -> f32 {
        let font = self.parsed();
        let (letters, metrics) = (font.charmap(), metrics(&font));
        let advance = |c: char| {
            let glyph = letters.map(c).unwrap_or_default();
            metrics.advance_width(glyph).unwrap_or(THOUSAND)
        };
        composed(text).chars().map(advance).sum::<f32>() * size / THOUSAND
    }

    /// Gives the text as the file has it: two bytes a letter.
    pub(crate) fn encode(self, text: &str) -> Result<Vec<u8>, PrintError> {
        let font = self.parsed();
        let letters = font.charmap();
        let mut bytes = Vec::with_capacity(2 * text.len());
        for letter in composed(text).chars() {
            let glyph = letters.map(letter).and_then(|glyph| u16::try_from(glyph.to_u32()).ok());
            let missing = || PrintError::Letter { letter, text: text.to_owned() };
            bytes.extend(glyph.ok_or_else(missing)?.to_be_bytes());
        }
        Ok(bytes)
    }

    /// Writes the font into a file; takes five references from `first` on.
    pub(crate) fn embed(self, pdf: &mut Pdf, first: Ref) {
        let [type0, cid, descriptor, data, unicode] =
            [0, 1, 2, 3, 4].map(|offset| Ref::new(first.get() + offset));
        let font = self.parsed();
        let identity =
            SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        pdf.type0_font(type0)
            .base_font(self.name())
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        let metrics = metrics(&font);
        let widths = (0..metrics.glyph_count())
            .map(|glyph| metrics.advance_width(skrifa::GlyphId::new(glyph)).unwrap_or(THOUSAND));
        let mut written = pdf.cid_font(cid);
        written
            .subtype(CidFontType::Type2)
            .base_font(self.name())
            .system_info(identity)
            .font_descriptor(descriptor)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        written.widths().consecutive(0, widths);
        drop(written);
        let whole = font.metrics(Size::new(THOUSAND), LocationRef::default());
        let bounds = whole.bounds.unwrap_or_default();
        pdf.font_descriptor(descriptor)
            .name(self.name())
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max))
            .italic_angle(0.0)
            .ascent(whole.ascent)
            .descent(whole.descent)
            .cap_height(whole.cap_height.unwrap_or(whole.ascent))
            .stem_v(if self == Self::Bold { 140.0 } else { 90.0 })
            .font_file2(data);
        let length = i32::try_from(self.file().len()).expect("a font is small");
        let packed = deflate(self.file());
        pdf.stream(data, &packed).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
        let mut cmap = UnicodeCmap::new(Name(b"Letters"), identity);
        let mut letters: Vec<(u32, u32)> =
            font.charmap().mappings().map(|(letter, glyph)| (glyph.to_u32(), letter)).collect();
        letters.sort_unstable();
        letters.dedup_by_key(|(glyph, _)| *glyph);
        for (glyph, letter) in letters {
            if let (Ok(glyph), Some(letter)) = (u16::try_from(glyph), char::from_u32(letter)) {
                cmap.pair(glyph, letter);
            }
        }
        pdf.cmap(unicode, &cmap.finish());
    }
}

/// How many references [`Face::embed`] takes.
pub(crate) const REFS_PER_FACE: i32 = 5;

fn metrics<'a>(font: &FontRef<'a>) -> GlyphMetrics<'a> {
    font.glyph_metrics(Size::new(THOUSAND), LocationRef::default())
}

/// Puts together what some systems write as a letter and a sign over it.
fn composed(text: &str) -> String {
    let pairs = [("и\u{306}", "й"), ("И\u{306}", "Й"), ("е\u{308}", "ё"), ("Е\u{308}", "Ё")];
    let mut whole = text.to_owned();
    if whole.contains(['\u{306}', '\u{308}']) {
        for (parts, letter) in pairs {
            whole = whole.replace(parts, letter);
        }
    }
    whole
}

/// Compresses: the same bytes give the same bytes.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let written = packed.write_all(bytes).and_then(|()| packed.finish());
    written.expect("memory takes what is written")
}

/// Widths of a PDF's font are in thousandths of its size.
const THOUSAND: f32 = 1_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fonts_have_every_letter_of_the_three_languages() {
        let kazakh = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ";
        let all =
            format!("{kazakh}{}ABCXYZabcxyz0123456789.,:;!?()«»—–-/№₸%+ ", kazakh.to_lowercase());
        for face in Face::ALL {
            assert_eq!(face.encode(&all).map(|bytes| bytes.len()), Ok(2 * all.chars().count()));
            assert!(face.width(10.0, "Ұзын") > face.width(10.0, "Ұз"));
        }
        assert_eq!(Face::Plain.encode("й"), Face::Plain.encode("и\u{306}"));
    }

    #[test]
    fn a_letter_that_is_not_there_is_named() {
        let refused = Face::Plain.encode("名").unwrap_err();
        assert!(refused.to_string().contains("'名'"), "{refused}");
    }
}
