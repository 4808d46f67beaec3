/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Switching saves the registers that a function must preserve, exchanges stack pointers and restores: on x86-64 and
 * AArch64 (ELF) a few instructions below, elsewhere ucontext, whose swapcontext() also makes a system call for the
 * signal mask. Signal mask and floating-point modes are thus shared by all coroutines; the simulator changes neither.
 * AddressSanitizer is told of each switch, or it would take the new stack for an overflow.
 */
#include "sim/core/coro.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define CORO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORO_ASAN 1
#endif
#endif

#ifdef CORO_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define STACK_BYTES (512 * 1024) /* redzones make frames several times larger */
#else
#define STACK_BYTES (64 * 1024)
#endif

#if defined(__ELF__) && defined(__LP64__) && (defined(__x86_64__) || defined(__aarch64__))
#define CORO_ASM 1
typedef void *context; /* the stack pointer; everything else is on the stack */
#else
#include <ucontext.h>
typedef ucontext_t context;
#endif

struct coro {
	context inside, outside;
	const struct sim_alloc *a;
	void (*fn)(void *arg);
	void *arg;
	char *stack;
	int done;
#ifdef CORO_ASAN
	const void *outside_stack;
	size_t outside_size;
	void *fake; /* ASan's stack of locals that may be used after return, while suspended */
#endif
};

static void entry(struct coro *c) __attribute__((noreturn));

#ifdef CORO_ASM

/* Save this context to *save, go on with the one in `load`. */
extern void coro_switch(context *save, context load) __asm__("oomsim_coro_switch");
/* Where a new coroutine starts: calls entry(c), both found in registers that the first switch restores. */
extern void coro_start(void) __asm__("oomsim_coro_start");

#if defined(__x86_64__)

/* An indirect jump rather than ret: the processor would predict a return into the other stack's caller. */
__asm__(".pushsection .text\n"
	".globl oomsim_coro_switch\n"
	".hidden oomsim_coro_switch\n"
	".type oomsim_coro_switch, @function\n"
	".p2align 4\n"
	"oomsim_coro_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	popq %rcx\n"
	"	jmpq *%rcx\n"
	".size oomsim_coro_switch, .-oomsim_coro_switch\n"
	".globl oomsim_coro_start\n"
	".hidden oomsim_coro_start\n"
	".type oomsim_coro_start, @function\n"
	".p2align 4\n"
	"oomsim_coro_start:\n"
	"	.cfi_startproc\n"
	"	.cfi_undefined rip\n" /* backtraces end here */
	"	movq %r12, %rdi\n"
	"	callq *%r13\n"
	"	ud2\n"
	"	.cfi_endproc\n"
	".size oomsim_coro_start, .-oomsim_coro_start\n"
	".popsection\n");

#define FRAME_WORDS 7 /* r15 r14 r13 r12 rbx rbp and the return address; coro_start finds the stack aligned to 16 */

static void frame_init(void **frame, struct coro *c)
{
	frame[2] = (void *)entry; /* r13 */
	frame[3] = c;             /* r12 */
	frame[6] = (void *)coro_start;
}

#else /* __aarch64__ */

__asm__(".pushsection .text\n"
	".globl oomsim_coro_switch\n"
	".hidden oomsim_coro_switch\n"
	".type oomsim_coro_switch, %function\n"
	".p2align 4\n"
	"oomsim_coro_switch:\n"
	"	stp x29, x30, [sp, #-160]!\n"
	"	stp x19, x20, [sp, #16]\n"
	"	stp x21, x22, [sp, #32]\n"
	"	stp x23, x24, [sp, #48]\n"
	"	stp x25, x26, [sp, #64]\n"
	"	stp x27, x28, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #16]\n"
	"	ldp x21, x22, [sp, #32]\n"
	"	ldp x23, x24, [sp, #48]\n"
	"	ldp x25, x26, [sp, #64]\n"
	"	ldp x27, x28, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	ldp x29, x30, [sp], #160\n"
	"	ret\n"
	".size oomsim_coro_switch, .-oomsim_coro_switch\n"
	".globl oomsim_coro_start\n"
	".hidden oomsim_coro_start\n"
	".type oomsim_coro_start, %function\n"
	".p2align 4\n"
	"oomsim_coro_start:\n"
	"	.cfi_startproc\n"
	"	.cfi_undefined x30\n" /* backtraces end here */
	"	mov x0, x19\n"
	"	blr x20\n"
	"	brk #1\n"
	"	.cfi_endproc\n"
	".size oomsim_coro_start, .-oomsim_coro_start\n"
	".popsection\n");

#define FRAME_WORDS 20

static void frame_init(void **frame, struct coro *c)
{
	frame[1] = (void *)coro_start; /* x30 */
	frame[2] = c;                  /* x19 */
	frame[3] = (void *)entry;      /* x20 */
}

#endif

static void context_init(struct coro *c)
{
	void **top = (void **)((uintptr_t)(c->stack + STACK_BYTES) & ~(uintptr_t)15);
	void **frame = top - FRAME_WORDS;

	for (int i = 0; i < FRAME_WORDS; i++)
		frame[i] = NULL;
	frame_init(frame, c);
	c->inside = frame;
}

static inline void go(context *save, context *load)
{
	coro_switch(save, *load);
}

#else /* ucontext */

/* makecontext() passes ints alone: the pointer arrives in two halves. */
static void entry_halves(unsigned hi, unsigned lo)
{
	entry((struct coro *)(uintptr_t)((uint64_t)hi << 32 | lo));
}

static void context_init(struct coro *c)
{
	uint64_t p = (uintptr_t)c;

	getcontext(&c->inside);
	c->inside.uc_stack.ss_sp = c->stack;
	c->inside.uc_stack.ss_size = STACK_BYTES;
	c->inside.uc_link = NULL;
	makecontext(&c->inside, (void (*)(void))entry_halves, 2, (unsigned)(p >> 32), (unsigned)p);
}

static inline void go(context *save, context *load)
{
	swapcontext(save, load);
}

#endif

#ifndef NDEBUG
#define CANARY UINT64_C(0x6f6f6d73696d2121)

/* The stack has no guard page, being ordinary memory. A word at its end gives an overflow away at the next switch,
 * and so does a stack pointer close to it. Not in release builds: they would touch that page for nothing. */
static inline uint64_t *canary(const struct coro *c)
{
	return (uint64_t *)(void *)c->stack;
}

static inline int stack_intact(const struct coro *c, const char *frame)
{
	return frame > c->stack + STACK_BYTES / 16 && *canary(c) == CANARY;
}
#endif

/* Nothing follows the switch here and in coro_resume(), so that it becomes a jump and no return is mispredicted. */
static void leave(struct coro *c, int for_good)
{
	assert(stack_intact(c, __builtin_frame_address(0)) && "coroutine stack overflow");
#ifdef CORO_ASAN
	__sanitizer_start_switch_fiber(for_good ? NULL : &c->fake, c->outside_stack, c->outside_size);
	go(&c->inside, &c->outside);
	__sanitizer_finish_switch_fiber(c->fake, &c->outside_stack, &c->outside_size);
#else
	(void)for_good;
	go(&c->inside, &c->outside);
#endif
}

static void entry(struct coro *c)
{
#ifdef CORO_ASAN
	__sanitizer_finish_switch_fiber(NULL, &c->outside_stack, &c->outside_size);
#endif
	c->fn(c->arg);
	c->done = 1;
	leave(c, 1);
	abort(); /* nobody resumes what is done */
}

struct coro *coro_new(const struct sim_alloc *a, void (*fn)(void *arg), void *arg)
{
	struct coro *c = sim_calloc(a, 1, sizeof(*c));

	if (!c)
		return NULL;
	c->stack = sim_malloc(a, STACK_BYTES);
	if (!c->stack) {
		sim_free(a, c);
		return NULL;
	}
	c->a = a;
	c->fn = fn;
	c->arg = arg;
	context_init(c);
#ifndef NDEBUG
	*canary(c) = CANARY;
#endif
	return c;
}

#ifdef CORO_ASAN
/* What an unfinished coroutine leaves behind in ASan: the poison of its frames, and its fake stack, which only a
 * fiber that leaves for good can destroy. So pretend to be it for a moment. */
static void asan_forget(struct coro *c)
{
	const void *stack;
	size_t size;
	void *own;

	if (c->fake && !c->done) {
		__sanitizer_start_switch_fiber(&own, c->stack, STACK_BYTES);
		__sanitizer_finish_switch_fiber(c->fake, &stack, &size);
		__sanitizer_start_switch_fiber(NULL, stack, size);
		__sanitizer_finish_switch_fiber(own, NULL, NULL);
	}
	__asan_unpoison_memory_region(c->stack, STACK_BYTES);
}
#endif

void coro_free(struct coro *c)
{
	if (!c)
		return;
#ifdef CORO_ASAN
	asan_forget(c);
#endif
	sim_free(c->a, c->stack);
	sim_free(c->a, c);
}

void coro_resume(struct coro *c)
{
#ifdef CORO_ASAN
	void *fake = NULL;
#endif

	assert(!c->done);
#ifdef CORO_ASAN
	__sanitizer_start_switch_fiber(&fake, c->stack, STACK_BYTES);
	go(&c->outside, &c->inside);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#else
	go(&c->outside, &c->inside);
#endif
}

void coro_yield(struct coro *c)
{
	leave(c, 0);
}

int coro_done(const struct coro *c)
{
	return c->done;
}
