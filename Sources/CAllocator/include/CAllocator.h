#pragma once

/// Gives memory that was freed back to the system, as far as the C library can and does not do it by itself.
void callocator_release(void);
