#pragma once
#include <sys/types.h>

/// A descriptor that becomes readable when a process ends; -1 where the system has none. The caller closes it.
int cprocess_open(pid_t process);
