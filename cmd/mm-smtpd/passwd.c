#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "buf.h"
#include "credentials.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "opt.h"
#include "passwd.h"
#include "scram_keys.h"
#include "utf8.h"

#define PASSWORD_MAX 255 /* what AUTH takes; below CRYPT_MAX_PASSPHRASE_SIZE */

/* Up to a line end, which is not kept; NULL at end of file or when it is too long.
 * Octet by octet: what follows belongs to others. */
static char *
read_line(int fd)
{
	char line[PASSWORD_MAX + 1], *copy = NULL;
	size_t n = 0;
	ssize_t got;
	while (n < sizeof(line) && (got = read(fd, &line[n], 1)) == 1 && line[n] != '\n')
		n++;
	if (n < sizeof(line) && (n > 0 || got == 1))
		copy = xmemdup0(line, n);
	explicit_bzero(line, sizeof(line));
	return copy;
}

static char *
ask(int tty, const char *prompt)
{
	struct termios normal, silent;
	if (tcgetattr(tty, &normal) < 0)
		return NULL;
	silent = normal;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(tty, TCSAFLUSH, &silent);
	(void)io_write_all(tty, prompt, strlen(prompt));
	char *line = read_line(tty);
	(void)io_write_all(tty, "\n", 1);
	(void)tcsetattr(tty, TCSAFLUSH, &normal);
	return line;
}

static char *
ask_twice(void)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return NULL;
	char *first = ask(tty, "Password: "), *again = first ? ask(tty, "Again: ") : NULL;
	close(tty);
	if (!again || strcmp(first, again) != 0)
		log_die(EX_DATAERR, "the passwords are not the same");
	explicit_bzero(again, strlen(again));
	free(again);
	return first;
}

static void
check_user(const char *name, bool scram)
{
	struct str user = str_of(name);
	if (user.n == 0 || user.n > 255 || !utf8_valid(user) || strpbrk(name, ":\r\n"))
		opt_usage(EX_USAGE, "expected a user name without a colon");
	if (scram && !scram_text_fine(user))
		opt_usage(EX_USAGE, "expected a user name without control characters");
}

static char *
scram_line(struct str password)
{
	struct scram_keys k;
	struct buf line = {0};
	if (scram_keys_new(&k, password) < 0)
		return NULL;
	scram_keys_print(&k, &line);
	char *copy = str_dup(buf_str(&line));
	buf_release(&line);
	explicit_bzero(&k, sizeof(k));
	return copy;
}

_Noreturn void
passwd_main(int argc, char **argv)
{
	bool scram = argc == 3 && strcmp(argv[1], "--scram") == 0;
	const char *user = argv[argc - 1];
	if ((argc != 2 && !scram) || user[0] == '-')
		opt_usage(EX_USAGE, "expected: mm-smtpd passwd [--scram] USER");
	check_user(user, scram);
	char *password = isatty(STDIN_FILENO) ? ask_twice() : read_line(STDIN_FILENO);
	if (!password || !*password || !utf8_valid(str_of(password)))
		log_die(EX_DATAERR, "expected a password of 1 to %d octets on standard input",
			PASSWORD_MAX);
	if (scram && !scram_text_fine(str_of(password)))
		log_die(EX_DATAERR, "expected a password without control characters");
	char *hash = scram ? scram_line(str_of(password)) : secret_hash(password);
	explicit_bzero(password, strlen(password));
	free(password);
	if (!hash)
		log_die(EX_OSERR, "cannot make a hash: %s", strerror(errno));
	printf("%s:%s\n", user, hash);
	free(hash);
	opt_finish(EX_OK);
}
