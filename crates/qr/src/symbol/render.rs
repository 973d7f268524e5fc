//! Symbol → picture: pixels for paper and tests, an SVG path for screens.

use std::fmt::Write as _;

use super::Symbol;
use crate::luma::LumaImage;

impl Symbol {
    /// Draws the symbol in black on white: `module_px` pixels a square (1 to 24) and a quiet zone of
    /// `quiet_modules` squares around it (up to 32; the standard asks for 4). Sizes outside are drawn
    /// at the nearest one inside.
    #[must_use]
    pub fn render(&self, module_px: usize, quiet_modules: usize) -> LumaImage {
        let module_px = module_px.clamp(1, MAX_MODULE_PX);
        let quiet = quiet_modules.min(MAX_QUIET_MODULES);
        let side = (self.size + 2 * quiet) * module_px;
        LumaImage::from_fn(side, side, |x, y| {
            let (x, y) = ((x / module_px).checked_sub(quiet), (y / module_px).checked_sub(quiet));
            let dark = x.zip(y).is_some_and(|(x, y)| self.is_dark(x, y));
            if dark { 0 } else { 255 }
        })
    }

    /// Writes the dark squares as the `d` of an SVG `<path>`, one unit a square and no quiet zone:
    /// give the `<svg>` the view box `-4 -4 {size + 8} {size + 8}` and a white ground.
    #[must_use]
    pub fn to_svg_path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.size {
            let mut x = 0;
            while x < self.size {
                let run = (x..self.size).take_while(|&x| self.is_dark(x, y)).count();
                if run > 0 {
                    write!(path, "M{x} {y}h{run}v1h-{run}z").expect("a string takes all text");
                }
                x += run.max(1);
            }
        }
        path
    }
}

const MAX_MODULE_PX: usize = 24;
const MAX_QUIET_MODULES: usize = 32;

#[cfg(test)]
mod tests {
    use crate::{ErrorCorrection, encode};

    #[test]
    fn draws_squares_and_quiet_zone_in_proportion() {
        let symbol = encode("A", ErrorCorrection::L).unwrap();
        let image = symbol.render(3, 4);
        assert_eq!((image.width(), image.height()), (87, 87));
        let at = |x: usize, y: usize| image.pixels()[y * 87 + x];
        assert_eq!([at(11, 12), at(12, 12), at(74, 12), at(75, 12)], [255, 0, 0, 255]);
        assert_eq!((symbol.render(0, 0).width(), symbol.render(999, 999).width()), (21, 2_040));
    }

    #[test]
    fn the_svg_path_covers_the_dark_squares_once() {
        let symbol = encode("OB1:6BF-0", ErrorCorrection::Q).unwrap();
        let (size, path) = (symbol.size(), symbol.to_svg_path());
        let mut drawn = vec![false; size * size];
        for run in path.split_terminator('z') {
            let numbers: Vec<usize> = run
                .split(|letter: char| !letter.is_ascii_digit())
                .filter_map(|digits| digits.parse().ok())
                .collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("{run}") };
            assert_eq!(length, back);
            drawn[y * size + x..][..length].iter_mut().for_each(|square| {
                assert!(!std::mem::replace(square, true));
            });
        }
        let dark = (0..size * size).map(|at| symbol.is_dark(at % size, at / size));
        assert!(dark.eq(drawn));
    }
}
