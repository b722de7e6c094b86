#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>

#include "mail_date.h"
#include "message.h"

#define DATE_MAX 200 /* octets that are looked at */

int64_t
mail_date(struct str value)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, g_mime_init);
	char *text = header_unfold(value.n > DATE_MAX ? str_n(value.p, DATE_MAX) : value);
	GDateTime *when = g_mime_utils_header_decode_date(text);
	int64_t ms = when ? g_date_time_to_unix(when) * 1000 : 0;
	if (when)
		g_date_time_unref(when);
	free(text);
	return ms;
}
