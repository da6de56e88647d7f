"""The agent's door: the films of a folder as tools of the Model Context Protocol.

| file | knows |
|---|---|
| `command`, `install` | the command line, how clients are told of it |
| `server`, `http` | which tools and resources there are, who may call |
| `looking`, `changing`, `making`, `batches` | the tools, by what they do |
| `house` | which films, with which means, up to which caps |
| `work` | films in the making: progress, stopping |
| `answers` | what an agent is told, and of errors the same as on the console |

Whatever changes a film is done by `storyboard.edit`, whatever makes it by `storyboard.stages`.
"""
