#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"
#include "sandbox.h"

/* What no filter of mail does. */
static const int never[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
#ifndef __SANITIZE_ADDRESS__ /* the leak checker stops threads by it */
	SCMP_SYS(ptrace),
#endif
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(listen),
};

static const int accepting[] = {SCMP_SYS(accept), SCMP_SYS(accept4)};

static int
deny_all(scmp_filter_ctx filter, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
		if (rc < 0 && rc != -EDOM) /* a call that this architecture does not have */
			return rc;
	}
	return 0;
}

static int
deny(scmp_filter_ctx filter, unsigned needs)
{
	int rc = deny_all(filter, never, sizeof(never) / sizeof(*never));
	if (rc == 0 && !(needs & SANDBOX_ACCEPT))
		rc = deny_all(filter, accepting, sizeof(accepting) / sizeof(*accepting));
	if (rc < 0)
		return rc;
	if (needs & SANDBOX_NET)
		return 0;
	const struct scmp_arg_cmp beyond_unix = {
		.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX};
	return seccomp_rule_add_array(
		filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, &beyond_unix);
}

static void
restrict_calls(unsigned needs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter ? deny(filter, needs) : -ENOMEM;
	if (rc == 0)
		rc = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	if (rc < 0 && rc != -EINVAL && rc != -ENOSYS)
		log_warn("cannot restrict system calls: %s", strerror(-rc));
}

/* All that changes files, as the first version of Landlock knows it. */
static const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
				LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
				LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
				LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

#define ABI_TRUNCATE 3
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* newer than the headers */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

static void
allow_beneath(int ruleset, const char *dir, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = access};
	rule.parent_fd = open(dir, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return;
	(void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

static const char *kept_dirs[4];

void
sandbox_keep_dir(const char *dir)
{
	size_t i = 0, n = sizeof(kept_dirs) / sizeof(*kept_dirs);
	while (i < n && kept_dirs[i])
		i++;
	if (i < n)
		kept_dirs[i] = dir;
}

static void
restrict_writing(void)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = writing};
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >=
		ABI_TRUNCATE)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return;
	const char *spool = getenv("TMPDIR");
	allow_beneath(ruleset, spool && *spool ? spool : "/var/tmp", attr.handled_access_fs);
	for (size_t i = 0; i < sizeof(kept_dirs) / sizeof(*kept_dirs) && kept_dirs[i]; i++)
		allow_beneath(ruleset, kept_dirs[i], attr.handled_access_fs);
	allow_beneath(ruleset, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		log_warn("cannot restrict writing: %s", strerror(errno));
	close(ruleset);
}

void
sandbox_enter(unsigned needs)
{
	/* Mail and secrets do not belong into core files. */
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		log_warn("cannot give up new privileges: %s", strerror(errno));
		return;
	}
	if (!(needs & SANDBOX_WRITE))
		restrict_writing();
	restrict_calls(needs);
}
