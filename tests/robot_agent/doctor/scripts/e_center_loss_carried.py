# class centres that are kept with their history from batch to batch; kind: graph-carried-over
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


class CenterNet(nn.Module):
    def __init__(self, classes=4, dim=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, dim))
        self.head = nn.Linear(dim, classes)
        self.centers = torch.zeros(classes, dim)

    def center_loss(self, feat, y):
        onehot = F.one_hot(y, 4).float()
        mean = onehot.t() @ feat / onehot.sum(0).clamp(min=1).unsqueeze(1)
        self.centers = 0.9 * self.centers + 0.1 * mean  #! self.centers = 0.9 * self.centers + 0.1 * mean.detach()
        return (feat - self.centers[y]).pow(2).sum(1).mean()  #+

    def forward(self, x):
        f = self.body(x)
        return f, self.head(f)


proto = torch.randn(4, 6) * 2
model = CenterNet()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(40):
    y = torch.randint(0, 4, (32,))
    x = proto[y] + 0.5 * torch.randn(32, 6)
    feat, logits = model(x)
    loss = F.cross_entropy(logits, y) + 0.01 * model.center_loss(feat, y)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
