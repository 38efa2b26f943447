// Modules of Python's standard library. A model holds no objects of theirs beyond those of the allow-list, so what a file
// asks of them is called a danger, whatever its name looks like. Only the words of a refusal depend on this.

const modules = `
  abc antigravity argparse array ast asynchat asyncio asyncore atexit base64 bdb binascii bisect builtins bz2
  cProfile calendar cgi cmath cmd code codecs codeop collections colorsys commands compileall concurrent
  configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib
  dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch
  fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac
  html http idlelib imaplib imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale
  logging lzma mailbox marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath
  nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pipes pkgutil platform plistlib
  poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri
  random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil
  signal site smtpd smtplib socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat statistics
  string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios
  textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle
  turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg
  winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`;

const names: ReadonlySet<string> = new Set(modules.trim().split(/\s+/));

/** Also modules whose name begins with an underscore, which are nobody's to import, but for `__main__`. */
export function isPythonModule(module: string): boolean {
  const root = module.split(".", 1)[0] ?? "";
  return names.has(root) || (root.startsWith("_") && root !== "__main__");
}
