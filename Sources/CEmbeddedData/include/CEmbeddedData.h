#pragma once
#include <stddef.h>
#include <stdint.h>

/// Read-only data carried inside the binary, mapped with it and touched only when used.
typedef struct {
  const uint8_t *_Nonnull bytes;
  size_t count;
} cicerone_blob;

/// The static embedding model (`CODEEMB1`), 64-byte aligned.
cicerone_blob cicerone_embedding_model(void);

/// Prices and limits of models as JSON (integers, pico-USD per token).
cicerone_blob cicerone_model_catalogue(void);

/// The byte-pair vocabularies of `scripts/pack-vocabularies.py`, 64-byte aligned.
cicerone_blob cicerone_vocabularies(void);
