//! Shapes, so that no state is told by colour alone.

use leptos::prelude::*;

/// A drawing on a 24 by 24 grid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// A ring with a dot: kept here.
    Dot,
    /// A box: somebody carries it.
    Parcel,
    /// An arrow upwards: on the way.
    Arrow,
    /// A seal with a tick: proven.
    Seal,
    /// An eye: others saw it.
    Eye,
    /// A tick.
    Tick,
    /// Two arrows in a ring: again.
    Again,
    /// A person with a plus.
    Guest,
    /// A cross in an octagon.
    Stop,
    /// A triangle with a bar.
    Warning,
    /// A hand.
    Hand,
    /// A camera.
    Camera,
    /// A picture.
    Picture,
    /// A lamp.
    Torch,
    /// A camera that turns.
    Turn,
    /// A list.
    List,
    /// A day of a calendar.
    Day,
    /// A QR Code.
    Code,
    /// A tablet.
    Device,
    /// An arrow to the left.
    Back,
    /// A page with an arrow downwards.
    File,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Dot => "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 11a1 1 0 1 1 0 2 1 1 0 0 1 0-2",
            Self::Parcel => "M12 3.5l8 4v9l-8 4-8-4v-9zM4 7.5l8 4 8-4M12 11.5v9M8 5.5l8 4",
            Self::Arrow => "M12 20V5M5.5 11.5 12 5l6.5 6.5",
            Self::Seal => {
                "M12 2.5l2.6 2 3.2-.1.9 3.1 2.7 1.8L20.3 12.3l1.1 3-2.7 1.8-.9 3.1-3.2-.1L12 \
                 22l-2.6-1.9-3.2.1-.9-3.1-2.7-1.8 1.1-3-1.1-3 2.7-1.8.9-3.1 3.2.1zM8 12.3l2.8 2.7L16 9.5"
            }
            Self::Eye => {
                "M2 12c3-4.7 6.3-7 10-7s7 2.3 10 7c-3 4.7-6.3 7-10 7s-7-2.3-10-7M12 9a3 3 0 1 1 0 6 3 \
                 3 0 0 1 0-6"
            }
            Self::Tick => "M4.5 12.5l5 5L19.5 7",
            Self::Again => "M19 8.5A8 8 0 0 0 4.5 10M4 5v5h5M5 15.5A8 8 0 0 0 19.5 14M20 19v-5h-5",
            Self::Guest => {
                "M10 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8M3 21c0-4 3-6.5 7-6.5s5 .8 6 2M19 9v7M15.5 12.5h7"
            }
            Self::Stop => "M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM8.5 8.5l7 7M15.5 8.5l-7 7",
            Self::Warning => "M12 3 2.5 20.5h19zM12 10v5M12 17.5v.5",
            Self::Hand => {
                "M7 12V6.5a1.5 1.5 0 0 1 3 0V11V4.5a1.5 1.5 0 0 1 3 0V11V5.5a1.5 1.5 0 0 1 3 0V12V8a1.5 \
                 1.5 0 0 1 3 0v6.5c0 4-2.5 7-6.5 7-3 0-4.5-1.5-6-4L4 13.5c-1-1.7 1-3 2.2-1.7L7 13"
            }
            Self::Camera => {
                "M3 8h4l2-3h6l2 3h4v11H3zM12 10a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6"
            }
            Self::Picture => "M3 4.5h18v15H3zM3 16l5-5 4 4 3-3 6 6M15.5 8.5v.1",
            Self::Torch => "M7 3h10v4l-2.5 4v10h-5V11L7 7zM7 7h10M12 13.5v2",
            Self::Turn => {
                "M3 8h4l2-3h6l2 3h4v11H3zM15.5 12a3.7 3.7 0 0 0-7-.5M8.3 9v2.7h2.7M8.5 15a3.7 3.7 0 0 0 7 .5M15.7 18v-2.7H13"
            }
            Self::List => "M8.5 6H20M8.5 12H20M8.5 18H20M4 6v.1M4 12v.1M4 18v.1",
            Self::Day => "M4 5.5h16V20H4zM4 10h16M8.5 3v4M15.5 3v4M8 14.5h3",
            Self::Code => {
                "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM17.5 17.5H20V20h-2.5zM20 14v.1M14 20v-.1"
            }
            Self::Device => "M5.5 2.5h13v19h-13zM11 18.5h2",
            Self::Back => "M20 12H5M11 5.5 4.5 12l6.5 6.5",
            Self::File => "M6 2.5h8l5 5v14H6zM14 2.5v5h5M12.5 11v7M9.5 15l3 3 3-3",
        }
    }
}

/// Draws a shape; the word beside it is what a screen reader says.
#[component]
pub(crate) fn Icon(
    /// Which shape.
    #[prop(into)]
    shape: Signal<Shape>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=move || shape.get().path() />
        </svg>
    }
}
