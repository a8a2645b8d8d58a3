/* What every shared library of Android's begins with, and an unwinder that sees no frames: Grend is built to abort on
 * a panic, after it was logged. For machines without an NDK, whose own files do this. */
#include <stdint.h>

__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

int _Unwind_Backtrace(void *frame, void *argument) { (void)frame, (void)argument; return 5; }
uintptr_t _Unwind_GetIP(void *context) { (void)context; return 0; }
uintptr_t _Unwind_GetIPInfo(void *context, int *before) { (void)context; *before = 0; return 0; }
uintptr_t _Unwind_GetCFA(void *context) { (void)context; return 0; }
void *_Unwind_FindEnclosingFunction(void *pc) { return pc; }
