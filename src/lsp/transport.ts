// SPDX-License-Identifier: MIT
/**
 * Streams as the protocol's messages, and when all is said: the input is at its end and every request that came has its
 * answer, or nobody takes answers any more. What the messages are about, it does not know.
 */
import {
  type DataCallback,
  type Disposable,
  Message,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'

export interface Transport {
  readonly reader: StreamMessageReader
  readonly writer: StreamMessageWriter
  /**
   * Settled when the input has ended and everything that came out of it has been dealt with, or took too long; or when
   * the output has gone.
   */
  readonly done: Promise<void>
}

/** Turns of the event loop without a message: what follows on an answer, such as findings, comes in fewer. */
const quietTurns = 20
/** Milliseconds from the end of the input on; then nobody waits for an answer any more. */
const patience = 10_000

export function openTransport(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Transport {
  let unanswered = 0
  let quiet = 0
  const reader = new Reader(input, (message) => {
    quiet = 0
    if (Message.isRequest(message)) unanswered++
  })
  const writer = new Writer(output, (message) => {
    quiet = 0
    if (Message.isResponse(message)) unanswered--
  })
  const done = new Promise<void>((resolve) => {
    input.once('end', () => {
      const deadline = performance.now() + patience
      const wait = () => {
        const answered = unanswered === 0 && ++quiet > quietTurns
        if (answered || performance.now() > deadline) resolve()
        else setImmediate(wait)
      }
      wait()
    })
    for (const end of ['error', 'close']) output.once(end, resolve)
  })
  return { reader, writer, done }
}

class Reader extends StreamMessageReader {
  private readonly onMessage: (message: Message) => void

  constructor(input: NodeJS.ReadableStream, onMessage: (message: Message) => void) {
    super(input)
    this.onMessage = onMessage
  }

  override listen(callback: DataCallback): Disposable {
    return super.listen((message) => {
      this.onMessage(message)
      callback(message)
    })
  }

  /** That the input is closed must not keep the last answers back. */
  protected override fireClose(): void {}
}

class Writer extends StreamMessageWriter {
  private readonly onMessage: (message: Message) => void

  constructor(output: NodeJS.WritableStream, onMessage: (message: Message) => void) {
    super(output)
    this.onMessage = onMessage
  }

  override async write(message: Message): Promise<void> {
    this.onMessage(message)
    // What fails here is the output, which `done` knows of: an error would be told to an editor that has gone.
    return super.write(message).catch(() => undefined)
  }

  protected override fireError(): void {}

  protected override fireClose(): void {}
}
