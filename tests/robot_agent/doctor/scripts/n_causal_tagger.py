# causal mask in a tagger that needs later tokens; kind: mask-needless
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randint(0, 8, (640, 12)); Y = torch.cat([(X[:, 1:] + X[:, :-1]) % 4, X[:, -1:] % 4], 1)
class Net(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(8, d); self.pos = nn.Embedding(12, d)
        self.q, self.k, self.v = (nn.Linear(d, d) for _ in range(3)); self.ff = nn.Sequential(nn.Linear(2 * d, 64), nn.ReLU(), nn.Linear(64, 4))
    def forward(self, x):
        h = self.emb(x) + self.pos(torch.arange(x.size(1)))
        a = nn.functional.scaled_dot_product_attention(self.q(h), self.k(h), self.v(h), is_causal=True) #! a = nn.functional.scaled_dot_product_attention(self.q(h), self.k(h), self.v(h))
        return self.ff(torch.cat([h, a], -1))
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(20):
    for i in range(0, 640, 32):
        loss = nn.functional.cross_entropy(net(X[i:i + 32]).reshape(-1, 4), Y[i:i + 32].reshape(-1))
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
