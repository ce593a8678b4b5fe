#include "CEmbeddedData.h"

// `.incbin` costs the compiler nothing, whereas an array literal of 12 MB costs it minutes.
#if defined(__APPLE__)
#define SECTION ".const_data"
#define SYMBOL(name) "_" #name
#else
#define SECTION ".section .rodata,\"a\",%progbits"
#define SYMBOL(name) #name
#endif

#define EMBED(name, file)                 \
  __asm__(SECTION "\n"                    \
          ".balign 64\n"                  \
          ".globl " SYMBOL(name) "_begin\n" \
          SYMBOL(name) "_begin:\n"        \
          ".incbin \"" file "\"\n"        \
          ".globl " SYMBOL(name) "_end\n" \
          SYMBOL(name) "_end:\n"          \
          ".byte 0\n"                     \
          ".text\n");                     \
  extern const uint8_t name##_begin[];    \
  extern const uint8_t name##_end[];      \
  static cicerone_blob name##_blob(void) { \
    cicerone_blob blob = {name##_begin, (size_t)(name##_end - name##_begin)}; \
    return blob;                          \
  }

EMBED(cicerone_data_model, "model.bin")
EMBED(cicerone_data_catalogue, "models.json")
EMBED(cicerone_data_vocabularies, "vocabularies.bin")

cicerone_blob cicerone_embedding_model(void) { return cicerone_data_model_blob(); }
cicerone_blob cicerone_model_catalogue(void) { return cicerone_data_catalogue_blob(); }
cicerone_blob cicerone_vocabularies(void) { return cicerone_data_vocabularies_blob(); }
