/* fake-action: an action for mm-rule's tests.  Answers each record and appends to
 * LOG one line for it:
 *     RULE/ACTION MM_ACTION MM_TARGET ID <rcpt>... [X-Header: value]...
 *
 *     -o LOG
 *     -r TEXT=STATUS REPLY   the result of recipients that contain TEXT
 *     -s STATUS REPLY        the status of the record; no results then
 *     -f NAME=VALUE          a field to add
 *     -d FILE                dies with the first record unless FILE exists, makes FILE
 *     -w FILE                answers nothing before FILE exists
 *     -b HEADER              puts this field on top of the message
 *     -k FILE                kills its parent with the first record unless FILE exists
 *     -K FILE                likewise, once it has noted and answered it
 *     -e                     answers without the message */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "address.h"
#include "io.h"
#include "mem.h"
#include "message.h"
#include "num.h"
#include "stream.h"

#define MAX_ANSWERS 16

static struct {
	const char *log, *die, *await, *field, *status, *header, *kill, *kill_after;
	bool empty;
	const char *answers[MAX_ANSWERS];
	size_t nanswers;
} options;

static void
add_headers(struct buf *line, const struct record *r)
{
	struct message m = {0};
	message_parse(&m, str_n(r->body->p, r->body->n));
	for (size_t i = 0; i < m.nfields; i++)
		if (str_istarts(m.fields[i].name, STR("X-")))
			buf_addf(line, " [%.*s:%.*s]", STR_ARG(m.fields[i].name),
				STR_ARG(m.fields[i].value));
	message_release(&m);
}

static void
note(const struct record *r)
{
	struct buf line = {0};
	struct str rule = record_get(r, "rule"), action = record_get(r, "action"), rcpt;
	const char *name = getenv("MM_ACTION"), *target = getenv("MM_TARGET");
	(void)str_word(&rule);
	buf_adds(&line, str_word(&rule));
	buf_addc(&line, '/');
	buf_adds(&line, str_word(&action));
	buf_addf(&line, " %s %s ", name ? name : "-", target ? target : "-");
	buf_adds(&line, record_get(r, "id"));
	for (size_t at = 0; record_next(r, "rcpt-to", &at, &rcpt);)
		buf_addf(&line, " %.*s", STR_ARG(rcpt));
	add_headers(&line, r);
	buf_addc(&line, '\n');
	int fd = open(options.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || io_write_all(fd, line.p, line.n) < 0)
		exit(75);
	close(fd);
	buf_release(&line);
}

static const char *
answer_for(struct str rcpt)
{
	for (size_t i = 0; i < options.nanswers; i++) {
		struct str answer = str_of(options.answers[i]), text = str_cut(&answer, '=');
		if (str_icontains(rcpt, text))
			return answer.p;
	}
	return "ok 250 2.0.0 taken";
}

static void
answer(struct record *r)
{
	struct record *copy = record_clone(r);
	struct str rcpt, field = str_of(options.field), name = str_cut(&field, '=');
	if (options.status) {
		struct str reply = str_of(options.status), status = str_word(&reply);
		record_set(r, "status", status);
		record_set(r, "reply", str_trim(reply));
	}
	for (size_t at = 0; !options.status && record_next(copy, "rcpt-to", &at, &rcpt);) {
		struct path p;
		struct str path = path_parse(rcpt, &p) < 0 ? str_word(&rcpt)
							   : str_n(rcpt.p, rcpt.n - p.params.n);
		path = str_trim(path);
		record_addf(r, "result", "%.*s %s", STR_ARG(path), answer_for(path));
	}
	if (options.field) {
		char *field_name = str_dup(name);
		record_add(r, field_name, field);
		free(field_name);
	}
	record_free(copy);
}

static void
change_message(struct record *r)
{
	struct str message = str_n(r->body->p, r->body->n);
	char *field = options.header ? xasprintf("%s\r\n", options.header) : NULL;
	if (options.empty)
		record_set_body(r, blob_empty());
	else if (field)
		record_set_body(r, blob_join(str_of(field), message));
	free(field);
}

/* Nobody reads the answer of who is not there. */
static void
kill_parent(const char *once)
{
	int fd = once ? open(once, O_WRONLY | O_CREAT | O_EXCL, 0666) : -1;
	if (fd < 0)
		return;
	kill(getppid(), SIGKILL);
	exit(9);
}

static void
take(struct record *r, struct stream_writer *out)
{
	int fd;
	kill_parent(options.kill);
	if (options.die && (fd = open(options.die, O_WRONLY | O_CREAT | O_EXCL, 0666)) >= 0)
		exit(9);
	while (options.await && access(options.await, F_OK) < 0)
		usleep(10000);
	if (options.log)
		note(r);
	answer(r);
	change_message(r);
	stream_push(out, r);
	kill_parent(options.kill_after);
}

static void
take_options(int argc, char **argv)
{
	int opt;
	while ((opt = getopt(argc, argv, "o:r:s:f:d:w:b:k:K:e")) != -1) {
		if (opt == 'o')
			options.log = optarg;
		else if (opt == 'r' && options.nanswers < MAX_ANSWERS)
			options.answers[options.nanswers++] = optarg;
		else if (opt == 's')
			options.status = optarg;
		else if (opt == 'f')
			options.field = optarg;
		else if (opt == 'd')
			options.die = optarg;
		else if (opt == 'b')
			options.header = optarg;
		else if (opt == 'k')
			options.kill = optarg;
		else if (opt == 'K')
			options.kill_after = optarg;
		else if (opt == 'e')
			options.empty = true;
		else if (opt == 'w')
			options.await = optarg;
		else
			exit(64);
	}
}

int
main(int argc, char **argv)
{
	struct stream_reader in = {0};
	struct stream_writer out = {0};
	struct record *r;
	int rc = 0;
	take_options(argc, argv);
	while (rc >= 0 && stream_fill(&in, STDIN_FILENO) > 0) {
		while ((rc = stream_next(&in, &r)) > 0)
			take(r, &out);
		if (stream_flush(&out, STDOUT_FILENO) < 0)
			return 75;
	}
	stream_reader_release(&in);
	stream_writer_release(&out);
	return rc < 0 ? 65 : 0;
}
