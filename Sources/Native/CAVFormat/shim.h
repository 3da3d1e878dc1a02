#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Written against FFmpeg 5.1 (Debian 12). Nothing that 6 or 7 deprecate is used, so no version guards are needed.

/// Swift does not import function-like macros.
static inline int cav_error_again(void) { return AVERROR(EAGAIN); }

/// Swift does not import a macro that expands to another function-like macro.
static inline int cav_error_end_of_file(void) { return AVERROR_EOF; }

/// As above.
static inline int cav_error_demuxer_not_found(void) { return AVERROR_DEMUXER_NOT_FOUND; }

/// As above; what is reported for an allocator that returns NULL.
static inline int cav_error_out_of_memory(void) { return AVERROR(ENOMEM); }

/// Attaches a chapter to an output; to be called before the header is written. Frees nothing: the context owns it.
///
/// libavformat's own constructor, `avpriv_new_chapter`, is private. Like `fftools`, a muxing program allocates the
/// struct itself, whose fields and array must come from libav's allocator because `avformat_free_context` frees them.
static inline int cav_add_chapter(
    AVFormatContext *output, int64_t id, AVRational time_base, int64_t start, int64_t end, const char *title) {
    AVChapter *chapter = (AVChapter *)av_mallocz(sizeof(AVChapter));
    if (!chapter) return AVERROR(ENOMEM);
    int status = av_dict_set(&chapter->metadata, "title", title, 0);
    if (status >= 0) {
        int count = (int)output->nb_chapters;
        status = av_dynarray_add_nofree(&output->chapters, &count, chapter);
        output->nb_chapters = (unsigned)count;
    }
    if (status < 0) {
        av_dict_free(&chapter->metadata);
        av_free(chapter);
        return status;
    }
    chapter->id = id;
    chapter->time_base = time_base;
    chapter->start = start;
    chapter->end = end;
    return 0;
}
