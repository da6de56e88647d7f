"""The studio: the films of a folder in a browser, and the same operations as on the console.

| file | knows |
|---|---|
| `serve` | the command line |
| `app` | which routes there are, how an error is answered |
| `safety` | tokens, forged requests, the headers of every answer |
| `pages` | templates, the interface's languages |
| `place` | which folders are films, which files of them are shown |
| `gallery`, `board_page` | what a page needs to know of a film |
| `job_requests` | runs as processes that outlive the studio |
| `live` | events as they happen |

Whatever changes a film is done by `storyboard.edit` or by a run of the pipeline; nothing is kept
here that is not in the run folder.
"""
