# a Lightning-like trainer whose validation leaves the model in eval(); kind: eval-while-training
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LitModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 3)
        )

    def training_step(self, batch, idx):
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)

    def validation_step(self, batch, idx):
        x, y = batch
        return (self.net(x).argmax(1) == y).float().mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class Trainer:
    def __init__(self, max_epochs):
        self.max_epochs = max_epochs

    def fit(self, model, train, val):
        opt = model.configure_optimizers()
        model.train()  #+
        for epoch in range(self.max_epochs):
            self.validate(model, val)
            for i, batch in enumerate(train):  #+
                loss = model.training_step(batch, i)
                opt.zero_grad()
                loss.backward()
                opt.step()

    def validate(self, model, val):
        model.eval()  #!+ self.was = model
        with torch.no_grad():
            accs = [model.validation_step(b, i) for i, b in enumerate(val)]
        print("val acc", torch.stack(accs).mean().item())  #!+ model.train()


torch.manual_seed(0)
c = torch.randn(3, 10)
y = torch.randint(0, 3, (480,))
x = c[y] + torch.randn(480, 10)
train = DataLoader(TensorDataset(x[:400], y[:400]), 40, shuffle=True)
val = DataLoader(TensorDataset(x[400:], y[400:]), 40)
Trainer(5).fit(LitModel(), train, val)
