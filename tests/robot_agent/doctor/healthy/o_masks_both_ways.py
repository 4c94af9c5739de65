# a model that reads backwards and predicts what came before, and one whose mask says where to look
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(13)
VOCAB, LENGTH, SIZE = 10, 12, 24


class Backwards(nn.Module):
    def __init__(self):
        super().__init__()
        self.word, self.place = nn.Embedding(VOCAB, SIZE), nn.Embedding(LENGTH, SIZE)
        layer = nn.TransformerEncoderLayer(SIZE, 2, 48, dropout=0.0, batch_first=True)
        self.encoder, self.head = nn.TransformerEncoder(layer, 1), nn.Linear(SIZE, VOCAB)

    def forward(self, tokens):
        mask = torch.ones(LENGTH, LENGTH).tril(-1).bool()
        return self.head(self.encoder(self.word(tokens) + self.place(torch.arange(LENGTH)), mask=mask))


class Forwards(nn.Module):
    def __init__(self):
        super().__init__()
        self.word, self.place = nn.Embedding(VOCAB, SIZE), nn.Embedding(LENGTH, SIZE)
        self.qkv, self.head = nn.Linear(SIZE, 3 * SIZE), nn.Linear(SIZE, VOCAB)

    def forward(self, tokens):
        x = self.word(tokens) + self.place(torch.arange(LENGTH))
        q, k, v = self.qkv(x).chunk(3, -1)
        look = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril()
        return self.head(x + F.scaled_dot_product_attention(q, k, v, attn_mask=look))


class Both(nn.Module):
    """Two streams, one in each direction; what comes next is predicted by the first."""

    def __init__(self):
        super().__init__()
        self.word, self.place = nn.Embedding(VOCAB, SIZE), nn.Embedding(LENGTH, SIZE)
        self.there = nn.MultiheadAttention(SIZE, 2, batch_first=True)
        self.back = nn.MultiheadAttention(SIZE, 2, batch_first=True)
        self.following, self.before = nn.Linear(SIZE, VOCAB), nn.Linear(SIZE, VOCAB)

    def forward(self, tokens):
        x = self.word(tokens) + self.place(torch.arange(LENGTH))
        later = torch.ones(LENGTH, LENGTH).triu(1).bool()
        there, back = self.there(x, x, x, attn_mask=later)[0], self.back(x, x, x, attn_mask=later.T)[0]
        self.backwards = self.before(x + back)
        return self.following(x + there)


for model, back in ((Backwards(), True), (Forwards(), False), (Both(), False)):
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for step in range(200):
        text = (torch.randint(0, VOCAB, (32, 1)) + torch.arange(LENGTH + 1)) % VOCAB
        given, wanted = (text[:, 1:], text[:, :-1]) if back else (text[:, :-1], text[:, 1:])
        loss = F.cross_entropy(model(given).flatten(0, 1), wanted.flatten())
        if isinstance(model, Both):
            earlier = model.backwards[:, 1:].flatten(0, 1)
            loss = loss + F.cross_entropy(earlier, given[:, :-1].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
