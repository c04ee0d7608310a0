// Memory of the core. In wasm a first-fit list of blocks over the linear memory, which grows on demand; natively malloc,
// so that sanitizers see every block by itself.

static uint32_t memory_limit, memory_used;

void pw_memory_limit(uint32_t bytes) { memory_limit = bytes; }

typedef struct Block {
  uint32_t bytes;  // of the memory behind the header
  bool taken;
  struct Block *next;  // in the order of addresses
} __attribute__((aligned(64))) Block;

#ifdef __wasm__

extern unsigned char __heap_base;

static Block *first_block;

// Pages of 64 KiB are added behind all there is. A limit holds for what the instance takes from its host too: blocks
// between which nothing fits may not make it grow beyond.
static Block *grow(uint32_t bytes) {
  uint32_t pages = (bytes + (uint32_t)sizeof(Block) + 0xffff) >> 16;
  uint64_t heap = ((uint64_t)(__builtin_wasm_memory_size(0) + pages) << 16) - (uintptr_t)&__heap_base;
  if (memory_limit != 0 && heap > (uint64_t)memory_limit + 0xffff) return 0;
  size_t before = __builtin_wasm_memory_grow(0, pages);
  if (before == (size_t)-1) return 0;
  Block *block = (Block *)(before << 16);
  *block = (Block){(pages << 16) - (uint32_t)sizeof(Block), false, 0};
  return block;
}

static Block *take_block(uint32_t bytes) {
  if (!first_block) {
    uintptr_t start = ((uintptr_t)&__heap_base + 63) & ~(uintptr_t)63;
    uintptr_t end = (uintptr_t)__builtin_wasm_memory_size(0) << 16;
    if (end < start + 2 * sizeof(Block)) {
      first_block = grow(bytes);
      if (!first_block) return 0;
    } else {
      first_block = (Block *)start;
      *first_block = (Block){(uint32_t)(end - start - sizeof(Block)), false, 0};
    }
  }
  Block *last = 0;
  for (Block *block = first_block; block; last = block, block = block->next) {
    // Free neighbours become one.
    while (!block->taken && block->next && !block->next->taken && (char *)(block + 1) + block->bytes == (char *)block->next) {
      block->bytes += (uint32_t)sizeof(Block) + block->next->bytes;
      block->next = block->next->next;
    }
    if (!block->taken && block->bytes >= bytes) return block;
  }
  // A free block at the end only lacks the rest.
  bool extends = !last->taken && (char *)(last + 1) + last->bytes == (char *)((uintptr_t)__builtin_wasm_memory_size(0) << 16);
  uint32_t there = extends ? last->bytes + (uint32_t)sizeof(Block) : 0;
  Block *added = grow(bytes > there ? bytes - there : 0);
  if (!added) return 0;
  last->next = added;
  if (!extends) return added;
  last->bytes += (uint32_t)sizeof(Block) + added->bytes;
  last->next = 0;
  return last;
}

static Block *obtain(uint32_t bytes) {
  Block *block = take_block(bytes);
  if (!block) return 0;
  if (block->bytes - bytes > sizeof(Block)) {
    Block *rest = (Block *)((char *)(block + 1) + bytes);
    *rest = (Block){block->bytes - bytes - (uint32_t)sizeof(Block), false, block->next};
    block->bytes = bytes;
    block->next = rest;
  }
  return block;
}

static void give_back(Block *block) { block->taken = false; }

#else

#include <stdlib.h>

static Block *obtain(uint32_t bytes) {
  Block *block = aligned_alloc(64, sizeof(Block) + bytes);
  if (block) block->bytes = bytes;
  return block;
}

static void give_back(Block *block) { free(block); }

#endif

void *pw_alloc(uint32_t bytes) {
  if (bytes > 0xf0000000u) return 0;
  uint32_t rounded = bytes == 0 ? 64 : (bytes + 63) & ~63u;
  if (memory_limit != 0 && (rounded > memory_limit || memory_used > memory_limit - rounded)) return 0;
  Block *block = obtain(rounded);
  if (!block) return 0;
  block->taken = true;
  memory_used += block->bytes;
  return block + 1;
}

void pw_free(void *memory) {
  if (!memory) return;
  Block *block = (Block *)memory - 1;
  memory_used -= block->bytes;
  give_back(block);
}
