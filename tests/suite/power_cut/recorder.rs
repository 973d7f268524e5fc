//! A layer of SQLite's own kind (a VFS) over the system's one, that writes down what is done to files.
#![expect(unsafe_code, reason = "SQLite takes its file system as a table of C functions")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::ffi;

/// Something that was done to the files of a folder.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Bytes were written.
    Write { file: String, at: usize, bytes: Vec<u8> },
    /// The file was cut or made longer.
    Truncate { file: String, size: usize },
    /// All of the file was brought to the disk.
    Sync { file: String },
    /// The file was deleted; its name is gone for certain if the folder was synced.
    Delete { file: String, certain: bool },
    /// The test saw so many things promised.
    Mark(u64),
}

/// The record of one folder.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    folder: PathBuf,
    ops: Arc<Mutex<Vec<Op>>>,
    /// A disk that lies, or a database that does not sync.
    deaf: bool,
}

impl Recording {
    /// Begins to write down what SQLite does in a folder. Connections that are open already are not
    /// seen.
    pub(super) fn of(folder: &Path) -> Self {
        Self::begin(folder, false)
    }

    /// The same with a database that syncs nothing.
    pub(super) fn of_one_that_never_syncs(folder: &Path) -> Self {
        Self::begin(folder, true)
    }

    fn begin(folder: &Path, deaf: bool) -> Self {
        install();
        let folder = folder.canonicalize().expect("the folder is there");
        let recording = Self { folder, ops: Arc::default(), deaf };
        lock(&RECORDINGS).push(recording.clone());
        recording
    }

    /// Notes that so many things were promised up to now.
    pub(super) fn mark(&self, promised: u64) {
        lock(&self.ops).push(Op::Mark(promised));
    }

    /// Ends it and gives what was done.
    pub(super) fn end(self) -> Vec<Op> {
        lock(&RECORDINGS).retain(|other| !Arc::ptr_eq(&other.ops, &self.ops));
        std::mem::take(&mut lock(&self.ops))
    }
}

static RECORDINGS: Mutex<Vec<Recording>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Finds who records a path, and the file's name there.
fn recorder_of(path: *const c_char) -> Option<(Recording, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: SQLite hands over names that end with a zero byte.
    let path = Path::new(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let recording = lock(&RECORDINGS).iter().find(|one| path.starts_with(&one.folder)).cloned()?;
    let name = path.strip_prefix(&recording.folder).ok()?.to_str()?.to_owned();
    Some((recording, name))
}

/// Puts the layer under every connection of this process that is opened from now on.
fn install() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        // SAFETY: the default VFS lives as long as the process. The copy keeps its functions, which
        // use of it only what is copied too, and is never freed.
        unsafe {
            let real = ffi::sqlite3_vfs_find(std::ptr::null());
            assert!(!real.is_null(), "SQLite has a file system");
            let name = CString::new("recorder").expect("no zero byte").into_raw();
            let layer = Box::leak(Box::new(ffi::sqlite3_vfs {
                szOsFile: (*real).szOsFile + c_int::try_from(HEAD).expect("small"),
                zName: name,
                pNext: std::ptr::null_mut(),
                xOpen: Some(open),
                xDelete: Some(delete),
                ..*real
            }));
            REAL.set(Real(real)).expect("it is set once");
            assert_eq!(ffi::sqlite3_vfs_register(layer, 1), ffi::SQLITE_OK);
        }
    });
}

#[derive(Debug)]
struct Real(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite uses its VFS from any thread.
unsafe impl Send for Real {}
// SAFETY: the same.
unsafe impl Sync for Real {}
static REAL: OnceLock<Real> = OnceLock::new();

/// An open file: ours, and the system's right behind it.
#[repr(C)]
struct Layered {
    base: ffi::sqlite3_file,
    recorded: *mut (Recording, String),
}

/// Where the system's file begins.
const HEAD: usize = size_of::<Layered>();

unsafe fn real_of(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `szOsFile` has room for both, and `HEAD` keeps the alignment of pointers.
    unsafe { file.cast::<u8>().add(HEAD).cast() }
}

unsafe fn note(file: *mut ffi::sqlite3_file, op: impl FnOnce(String) -> Op) {
    // SAFETY: the file was opened by `open`, which set the field.
    let recorded = unsafe { (*file.cast::<Layered>()).recorded.as_ref() };
    if let Some((recording, name)) = recorded {
        let op = op(name.clone());
        if !(recording.deaf && matches!(op, Op::Sync { .. })) {
            lock(&recording.ops).push(op);
        }
    }
}

unsafe extern "C" fn open(
    _layer: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands over a place of `szOsFile` bytes, and calls nothing of a file whose methods
    // are null.
    unsafe {
        let layered = file.cast::<Layered>();
        (*layered).base.pMethods = std::ptr::null();
        (*layered).recorded = std::ptr::null_mut();
        let system = REAL.get().expect("it is installed").0;
        let inner = real_of(file);
        let done = ((*system).xOpen.expect("xOpen"))(system, name, inner, flags, out);
        if done == ffi::SQLITE_OK && !(*inner).pMethods.is_null() {
            if let Some(recorder) = recorder_of(name) {
                (*layered).recorded = Box::into_raw(Box::new(recorder));
            }
            (*layered).base.pMethods = &raw const METHODS;
        }
        done
    }
}

unsafe extern "C" fn delete(
    _layer: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync: c_int,
) -> c_int {
    let system = REAL.get().expect("it is installed").0;
    // SAFETY: it is the system's function, with the system's VFS.
    let done = unsafe { ((*system).xDelete.expect("xDelete"))(system, name, sync) };
    if done == ffi::SQLITE_OK
        && let Some((recording, file)) = recorder_of(name)
    {
        let certain = sync != 0 && !recording.deaf;
        lock(&recording.ops).push(Op::Delete { file, certain });
    }
    done
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file was opened by `open`; the box is taken back once.
    unsafe {
        let layered = file.cast::<Layered>();
        if !(*layered).recorded.is_null() {
            drop(Box::from_raw((*layered).recorded));
            (*layered).recorded = std::ptr::null_mut();
        }
        let inner = real_of(file);
        ((*(*inner).pMethods).xClose.expect("xClose"))(inner)
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: i64,
) -> c_int {
    // SAFETY: SQLite hands over `count` bytes.
    unsafe {
        let inner = real_of(file);
        let done = ((*(*inner).pMethods).xWrite.expect("xWrite"))(inner, bytes, count, at);
        if done == ffi::SQLITE_OK {
            let count = usize::try_from(count).expect("a count");
            let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), count).to_vec();
            let at = usize::try_from(at).expect("a place");
            note(file, |file| Op::Write { file, at, bytes });
        }
        done
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: it is the system's function, with the system's file.
    unsafe {
        let inner = real_of(file);
        let done = ((*(*inner).pMethods).xTruncate.expect("xTruncate"))(inner, size);
        if done == ffi::SQLITE_OK {
            let size = usize::try_from(size).expect("a size");
            note(file, |file| Op::Truncate { file, size });
        }
        done
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: it is the system's function, with the system's file.
    unsafe {
        let inner = real_of(file);
        let done = ((*(*inner).pMethods).xSync.expect("xSync"))(inner, flags);
        if done == ffi::SQLITE_OK {
            note(file, |file| Op::Sync { file });
        }
        done
    }
}

/// Passes a call on to the system's file.
macro_rules! passed_on {
    ($($name:ident = $method:ident($($arg:ident: $type:ty),*) $(-> $out:ty)?;)*) => {$(
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $arg: $type)*) $(-> $out)? {
            // SAFETY: it is the system's function, with the system's file.
            unsafe {
                let inner = real_of(file);
                ((*(*inner).pMethods).$method.expect(stringify!($method)))(inner $(, $arg)*)
            }
        }
    )*};
}

passed_on! {
    read = xRead(to: *mut c_void, count: c_int, at: i64) -> c_int;
    file_size = xFileSize(size: *mut i64) -> c_int;
    lock_file = xLock(how: c_int) -> c_int;
    unlock_file = xUnlock(how: c_int) -> c_int;
    check_lock = xCheckReservedLock(out: *mut c_int) -> c_int;
    control = xFileControl(op: c_int, arg: *mut c_void) -> c_int;
    sector_size = xSectorSize() -> c_int;
    characteristics = xDeviceCharacteristics() -> c_int;
    shm_map = xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_barrier = xShmBarrier();
    shm_unmap = xShmUnmap(delete: c_int) -> c_int;
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // Without xFetch: files are not mapped, so that every write is seen.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock_file),
    xUnlock: Some(unlock_file),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
