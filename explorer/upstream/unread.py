"""Uploads that have come and that no page has looked at yet: few, since Streamlit holds them in memory.

By itself it keeps all that a session has ever sent until the session ends, looked at or not.
"""

__all__ = ["UNREAD", "UnreadUploads", "bound_unread", "forget_content"]

from streamlit import runtime
from streamlit.runtime import memory_uploaded_file_manager
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

UNREAD = 250_000_000  # bytes of all sessions; a page looks at what comes within a second, and the oldest goes first


class UnreadUploads(MemoryUploadedFileManager):
    """Keeps one file a session, for one is all that a page's field holds, and `UNREAD` bytes in all."""

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file that has come; older ones go."""
        with self._lock:
            before = list(self.file_storage.pop(session_id, {}).values())
            self._file_count -= len(before)
            self._total_bytes -= sum(len(other.data) for other in before)
        super().add_file(session_id, file)  # which makes its session the last
        with self._lock:
            sessions = [(session, name) for session, files in self.file_storage.items() for name in files]
        for session, name in sessions[:-1]:
            if self._total_bytes <= UNREAD:
                break
            self.remove_file(session, name)

    def forget_content(self, session_id: str, file_id: str) -> None:
        """Let go of what a file contains; that it was uploaded is still known."""
        for file in self.get_files(session_id, [file_id]):
            super().add_file(session_id, file._replace(data=b""))


def bound_unread() -> None:
    """Have the runtime that is yet to be made keep uploads so."""
    setattr(memory_uploaded_file_manager, "MemoryUploadedFileManager", UnreadUploads)  # noqa: B010


def forget_content(file_id: str) -> None:
    """The page that runs has looked at a file of its own, and needs its content no more."""
    context, manager = get_script_run_ctx(), runtime.get_instance().uploaded_file_mgr
    if context and isinstance(manager, UnreadUploads):
        manager.forget_content(context.session_id, file_id)
