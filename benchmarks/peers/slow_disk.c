/* A disk that takes its time: every sync of a file waits before it is done.

   Loaded before the C library (LD_PRELOAD), so that SQLite and PostgreSQL believe it.
   MIA_SYNC_MS says for how many milliseconds. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_a_while(void)
{
    const char *said = getenv("MIA_SYNC_MS");
    long milliseconds = said ? atol(said) : 0;
    struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    while (nanosleep(&rest, &rest) != 0)
        continue;
}

int fsync(int file)
{
    int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_a_while();
    return really(file);
}

int fdatasync(int file)
{
    int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_a_while();
    return really(file);
}
