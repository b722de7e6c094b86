/* Whatever a message is: its attachments are as many as the index says, with names that
 * stay in a directory, and its text is UTF-8 without controls. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "message_text.h"
#include "mimetext.h"
#include "safe_name.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
check(void *arg, const struct attachment *a)
{
	struct buf name = {0};
	unsigned *n = arg;
	safe_name(&name, a->name, a->type, a->number);
	if (a->number != ++*n || name.n == 0 || name.n > SAFE_NAME_MAX || name.p[0] == '.' ||
		memchr(name.p, '/', name.n) || utf8_text_length(buf_str(&name)) != name.n)
		abort();
	buf_release(&name);
	return 0;
}

static void
check_text(struct str text)
{
	while (text.p) {
		struct str line = str_cut(&text, '\n');
		while (line.p) {
			struct str piece = str_cut(&line, '\t');
			if (utf8_text_length(piece) != piece.n)
				abort();
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mimetext indexed;
	struct str message = str_n((const char *)data, size);
	struct buf text = {0}, html = {0};
	unsigned n = 0;
	mimetext_extract(&indexed, message, 4096);
	(void)attachments(message, check, &n);
	if (n != indexed.attachments)
		abort();
	message_text(&text, message);
	check_text(buf_str(&text));
	(void)message_html(&html, message);
	if (!utf8_valid(buf_str(&html)))
		abort();
	buf_release(&text);
	buf_release(&html);
	return 0;
}
