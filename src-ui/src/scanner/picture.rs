//! A canvas that nobody sees: draws, takes the pixels, lets `qr` read them.

use leptos::prelude::document;
use qr::LumaImage;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement, ImageBitmap};

/// Draws pictures and gives their grey pixels.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Canvas {
    /// Makes a canvas outside the page.
    pub(crate) fn new() -> Option<Self> {
        let canvas: HtmlCanvasElement =
            document().create_element("canvas").ok()?.dyn_into().ok()?;
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).ok()?;
        let context = canvas.get_context_with_context_options("2d", &options).ok()??;
        Some(Self { canvas, context: context.dyn_into().ok()? })
    }

    /// Takes the frame that the video shows, its longer side at most `side_px`.
    pub(crate) fn frame(&self, video: &HtmlVideoElement, side_px: u32) -> Option<LumaImage> {
        let size = Size::fit(video.video_width(), video.video_height(), side_px)?;
        self.resize(size);
        self.context
            .draw_image_with_html_video_element_and_dw_and_dh(
                video,
                0.0,
                0.0,
                size.width.into(),
                size.height.into(),
            )
            .ok()?;
        self.luma(size)
    }

    /// Takes a picture, its longer side at most `side_px`.
    pub(crate) fn bitmap(&self, bitmap: &ImageBitmap, side_px: u32) -> Option<LumaImage> {
        let size = Size::fit(bitmap.width(), bitmap.height(), side_px)?;
        self.resize(size);
        self.context
            .draw_image_with_image_bitmap_and_dw_and_dh(
                bitmap,
                0.0,
                0.0,
                size.width.into(),
                size.height.into(),
            )
            .ok()?;
        self.luma(size)
    }

    fn resize(&self, size: Size) {
        if (self.canvas.width(), self.canvas.height()) != (size.width, size.height) {
            self.canvas.set_width(size.width);
            self.canvas.set_height(size.height);
        }
    }

    fn luma(&self, size: Size) -> Option<LumaImage> {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let pixels = self.context.get_image_data(0.0, 0.0, width, height).ok()?;
        let side = |px: u32| usize::try_from(px).ok();
        LumaImage::from_rgba(side(size.width)?, side(size.height)?, &pixels.data()).ok()
    }
}

/// The size of a picture in pixels; never empty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// Shrinks a picture to a longest side; never makes it larger.
    fn fit(width: u32, height: u32, side_px: u32) -> Option<Self> {
        let longest = width.max(height);
        if width == 0 || height == 0 {
            return None;
        }
        let shrink = |px: u32| {
            let scaled = u64::from(px) * u64::from(side_px) / u64::from(longest);
            u32::try_from(scaled).unwrap_or(side_px).max(1)
        };
        if longest <= side_px {
            Some(Self { width, height })
        } else {
            Some(Self { width: shrink(width), height: shrink(height) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinks_to_the_longest_side_and_never_grows() {
        assert_eq!(Size::fit(4_000, 3_000, 800), Some(Size { width: 800, height: 600 }));
        assert_eq!(Size::fit(3_000, 4_000, 800), Some(Size { width: 600, height: 800 }));
        assert_eq!(Size::fit(640, 480, 800), Some(Size { width: 640, height: 480 }));
        assert_eq!(Size::fit(100_000, 1, 800), Some(Size { width: 800, height: 1 }));
    }

    #[test]
    fn picture_without_pixels_has_no_size() {
        assert_eq!(Size::fit(0, 480, 800), None);
    }
}
