import torch
from torch import nn
torch.manual_seed(0)
class Rec(nn.Module):
    def __init__(self):
        super().__init__()
        self.users = nn.Embedding(50, 8, sparse=True); self.items = nn.Embedding(40, 8, sparse=True); self.bias = nn.Linear(16, 1)
    def forward(self, u, i):
        a, b = self.users(u), self.items(i)
        return (a * b).sum(1) + self.bias(torch.cat([a, b], 1)).squeeze(1)
m = Rec()
sparse = torch.optim.SparseAdam(list(m.users.parameters()) + list(m.items.parameters()), lr=0.01)
dense = torch.optim.Adam(m.bias.parameters(), lr=0.01)
U = torch.randn(50, 2); I = torch.randn(40, 2)
for step in range(150):
    u = torch.randint(0, 50, (64,)); i = torch.randint(0, 40, (64,))
    r = (U[u] * I[i]).sum(1)
    loss = nn.functional.mse_loss(m(u, i), r)
    sparse.zero_grad(); dense.zero_grad()
    loss.backward()
    sparse.step(); dense.step()
