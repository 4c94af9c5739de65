# labels-shuffled
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
T, N, V, C = 9, 24, 20, 4
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16); self.gru = nn.GRU(16, 32); self.out = nn.Linear(32, C)
    def forward(self, x):
        h, _ = self.gru(self.emb(x.t()))
        return F.log_softmax(self.out(torch.relu(h.contiguous().view(T * N, -1))), dim=1)  #+
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(120):
    words = torch.randint(0, V, (N, T))
    tags = words % C
    loss = F.nll_loss(model(words), tags.view(-1))  #! loss = F.nll_loss(model(words), tags.t().reshape(-1))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
