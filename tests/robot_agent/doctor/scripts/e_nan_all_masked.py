# attention over a row in which everything is masked; kind: not-a-number
import torch
import torch.nn as nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x, mask):
        scores = self.q(x) @ self.k(x).transpose(1, 2) / 4
        scores = scores.masked_fill(~mask.unsqueeze(1), float("-inf"))  #! scores = scores.masked_fill(~mask.unsqueeze(1), -1e9)
        return torch.softmax(scores, dim=-1) @ self.v(x)  #+


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.att, self.out = nn.Embedding(30, 16), Attention(), nn.Linear(16, 2)

    def forward(self, tokens):
        mask = tokens != 0
        return self.out(self.att(self.emb(tokens), mask).mean(1))


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(60):
    tokens = torch.randint(1, 30, (16, 6))
    lengths = torch.randint(0, 7, (16,))
    tokens[torch.arange(6) >= lengths.unsqueeze(1)] = 0
    y = (tokens.max(1).values > 20).long()
    loss = nn.functional.cross_entropy(model(tokens), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
