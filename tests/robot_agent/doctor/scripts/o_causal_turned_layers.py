# kind: mask-inverted
import torch
from torch import nn

torch.manual_seed(12)
VOCAB, SIZE = 14, 32


def causal(length):
    shown = torch.tril(torch.ones(length, length))
    return torch.zeros(length, length).masked_fill(shown == 1, -1e9)  #! return torch.zeros(length, length).masked_fill(shown == 0, -1e9)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(SIZE, 2, batch_first=True)
        self.norm = nn.LayerNorm(SIZE)

    def forward(self, x, mask):
        return self.norm(x + self.attention(x, x, x, attn_mask=mask, need_weights=False)[0])


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.word, self.place = nn.Embedding(VOCAB, SIZE), nn.Parameter(0.1 * torch.randn(20, SIZE))
        self.blocks, self.last = nn.ModuleList([Block(), Block()]), nn.Linear(SIZE, VOCAB)

    def forward(self, tokens):
        x, mask = self.word(tokens) + self.place[: tokens.shape[1]], causal(tokens.shape[1])
        for block in self.blocks:
            x = block(x, mask)  #+
        return self.last(x)


writer = Writer()
adam = torch.optim.AdamW(writer.parameters(), 3e-3)
for step in range(250):
    text = (torch.randint(0, VOCAB, (24, 1)) + 3 * torch.arange(16)) % VOCAB
    logits = writer(text[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), text[:, 1:].flatten())
    adam.zero_grad()
    loss.backward()
    adam.step()
