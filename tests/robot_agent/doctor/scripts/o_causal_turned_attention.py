# kind: mask-inverted
import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(11)
VOCAB, LENGTH, WIDTH = 10, 12, 24


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.register_buffer("hidden", torch.ones(LENGTH, LENGTH).tril(-1).bool())  #! self.register_buffer("hidden", torch.ones(LENGTH, LENGTH).triu(1).bool())

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / math.sqrt(WIDTH)
        scores = scores.masked_fill(self.hidden, float("-inf"))  #+
        return x + self.out(scores.softmax(-1) @ v)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(VOCAB, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.first, self.second = Attention(), Attention()
        self.head = nn.Linear(WIDTH, VOCAB)

    def forward(self, tokens):
        x = self.words(tokens) + self.places(torch.arange(LENGTH))
        return self.head(self.second(F.relu(self.first(x))))


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for step in range(250):
    text = (torch.randint(0, VOCAB, (32, 1)) + torch.randint(1, 3, (32, 1)) * torch.arange(LENGTH + 1)) % VOCAB
    loss = F.cross_entropy(model(text[:, :-1]).transpose(1, 2), text[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
