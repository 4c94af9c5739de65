# labels-out-of-range
import torch
import torch.nn as nn
torch.manual_seed(0)

class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 16))
    def forward(self, a, b):
        return self.body(a), self.body(b)

classes = torch.randn(5, 10)
def pairs(n):
    ca = torch.randint(0, 5, (n,)); same = torch.rand(n) < 0.5
    cb = torch.where(same, ca, (ca + torch.randint(1, 5, (n,))) % 5)
    label = (ca == cb).float()  #! label = (ca == cb).float() * 2 - 1
    return classes[ca] + 0.3 * torch.randn(n, 10), classes[cb] + 0.3 * torch.randn(n, 10), label

net = Siamese()
criterion = nn.CosineEmbeddingLoss(margin=0.2)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for it in range(300):
    a, b, label = pairs(64)
    ea, eb = net(a, b)
    loss = criterion(ea, eb, label)  #+
    opt.zero_grad(); loss.backward(); opt.step()
    if it % 50 == 0: print(it, loss.item())
