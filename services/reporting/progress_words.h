/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_words.h - what the progress page says, in English and 简体中文. Pure.
 *
 * "{}" in a text is a place for something else, from left to right.
 */
#ifndef TROTH_REPORTING_PROGRESS_WORDS_H
#define TROTH_REPORTING_PROGRESS_WORDS_H

#include <stddef.h>

#include "common/base/text.h"

enum progress_language {
    PROGRESS_ENGLISH = 0,
    PROGRESS_CHINESE,
    PROGRESS_LANGUAGES,
};

enum progress_word {
    WORD_NONE = 0,
    WORD_TITLE,
    WORD_HEADING_1,
    WORD_HEADING_2,
    WORD_HEADING_3,
    WORD_HEADING_4,
    WORD_OPENED_ON,
    WORD_JOINED,
    WORD_ZONE,
    WORD_TURN,
    WORD_TURN_OURS,
    WORD_TURN_YOURS,
    WORD_TURN_THIRD_PARTY,
    WORD_TURN_DONE,
    WORD_TURN_CLOSED,
    WORD_TURN_NOBODY,
    WORD_WHY_NEW,
    WORD_WHY_OPEN,
    WORD_WHY_REOPENED,
    WORD_WHY_ASKED,
    WORD_WHY_THIRD_PARTY,
    WORD_WHY_RESOLVED,
    WORD_WHY_CONFIRMED,
    WORD_WHY_CLOSED,
    WORD_WHY_VOID,
    WORD_WHY_PRAISE,
    WORD_LATE,
    WORD_FINISH,
    WORD_FINISH_HALF,
    WORD_FINISH_MOST,
    WORD_FINISH_PAUSED,
    WORD_FINISH_UNKNOWN,
    WORD_FINISH_RIGHT,
    WORD_FINISH_FROM,
    WORD_PROMISES,
    WORD_NO_PROMISES,
    WORD_KIND_FIRST_RESPONSE,
    WORD_KIND_NEXT_UPDATE,
    WORD_KIND_RESOLUTION,
    WORD_KIND_CALLBACK,
    WORD_KIND_CUSTOM,
    WORD_BY,
    WORD_BY_STOPPED,
    WORD_STATE_OPEN,
    WORD_STATE_AT_RISK,
    WORD_STATE_KEPT,
    WORD_STATE_KEPT_LATE,
    WORD_STATE_BROKEN,
    WORD_STATE_WITHDRAWN,
    WORD_STATE_WAIVED,
    WORD_STATE_RENEGOTIATED,
    WORD_STATE_RENEGOTIATED_LATE,
    WORD_WORD_KEPT,
    WORD_WORD_NOT_KEPT,
    WORD_IN_PLACE,
    WORD_HISTORY,
    WORD_DID_OPENED,
    WORD_DID_SAID,
    WORD_DID_RESPONDED,
    WORD_DID_ASKED,
    WORD_DID_THIRD_PARTY,
    WORD_DID_RESUMED,
    WORD_DID_RESOLVED,
    WORD_DID_REOPENED,
    WORD_DID_CLOSED,
    WORD_DID_MERGED,
    WORD_DID_PROMISED,
    WORD_DID_RENEGOTIATED,
    WORD_DID_KEPT,
    WORD_DID_WAIVED,
    WORD_DID_WITHDRAWN,
    WORD_DID_CONFIRMED,
    WORD_DID_DISPUTED,
    WORD_DID_EXPECTED,
    WORD_DID_ANSWERED,
    WORD_COSTS,
    WORD_COST_NOTHING,
    WORD_COST_REFUND,
    WORD_COST_VOUCHER,
    WORD_COST_EXTRA,
    WORD_COST_APOLOGY,
    WORD_COST_REFUNDED,
    WORD_EXPECT,
    WORD_EXPECT_STANDS,
    WORD_EXPECT_ASK,
    WORD_EXPECT_YES,
    WORD_EXPECT_DATE,
    WORD_EXPECT_SEND,
    WORD_UNSOLVED,
    WORD_UNSOLVED_WHAT,
    WORD_UNSOLVED_SEND,
    WORD_CALL,
    WORD_CALL_WHEN,
    WORD_CALL_SEND,
    WORD_CALL_NUMBER,
    WORD_CALL_WORDS,
    WORD_SURVEY,
    WORD_SURVEY_COMMENT,
    WORD_SURVEY_SEND,
    WORD_YES,
    WORD_NO,
    WORD_BACK,
    WORD_SAVED_TITLE,
    WORD_SAVED_EXPECT,
    WORD_SAVED_UNSOLVED,
    WORD_SAVED_CALL,
    WORD_SAVED_SURVEY,
    WORD_ALREADY,
    WORD_NOT_NOW,
    WORD_CHOOSE,
    WORD_TRY_AGAIN,
    WORD_LOOK_AGAIN,
    WORD_UNKNOWN_LINK,
    WORD_EXPIRED_LINK,
    WORD_GONE,
    WORD_TOO_MANY,
    WORD_TOO_OFTEN,
    WORD_PARTLY,
    WORD_COUNT,
};

/* Of a BCP 47 tag: what begins with "zh" is Chinese, all else and "" English. */
enum progress_language progress_language_of(const char *tag);
/* "en", "zh-Hans". */
const char *progress_language_tag(enum progress_language language);

const char *progress_words(enum progress_language language, enum progress_word word);

/* Appends the text as HTML, its places filled with arguments, which are escaped. */
void progress_words_append(enum progress_language language, enum progress_word word,
                           const char *const *arguments, size_t count, struct text *out);
/* The same as plain text. */
void progress_words_append_plain(enum progress_language language, enum progress_word word,
                                 const char *const *arguments, size_t count, struct text *out);

#endif
