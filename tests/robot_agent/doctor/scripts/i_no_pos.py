# no-positions
import torch
from torch import nn
torch.manual_seed(0)
V, T, D = 12, 10, 32
X = torch.randint(1, V, (1024, T))
y = (X.argmax(1) > X.argmin(1)).long()
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D)
        self.pos = nn.Embedding(T, D)
        layer = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(D, 2)
    def forward(self, x):
        h = self.emb(x) * D ** 0.5 #! h = self.emb(x) * D ** 0.5 + self.pos(torch.arange(x.shape[1]))
        h = self.enc(h) #+
        return self.head(h.mean(1))
net = Encoder()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    order = torch.randperm(1024)
    for i in range(0, 1024, 64):
        b = order[i:i + 64]
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
